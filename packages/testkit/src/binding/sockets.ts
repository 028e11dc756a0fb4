/** How many sockets Node has open in this process; those of native code are not among them. */
export function sockets(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
}
