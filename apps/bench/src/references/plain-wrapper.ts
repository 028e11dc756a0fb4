/** What one writes by hand: a loop around `await`, and a wait after a failure. */
export async function plainWrapper<T>(operation: () => Promise<T>, maxAttempts: number): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await operation();
    } catch (error) {
      if (attempt >= maxAttempts) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100 * 1.5 ** attempt));
    }
  }
}
