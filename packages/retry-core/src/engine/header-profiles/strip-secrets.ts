/**
 * What looks like a secret. Each pattern takes linear time: a part without limit either consumes what it has seen, or
 * cannot begin again inside of it; all others are bounded.
 */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]{1,32}-----[\s\S]*?(?:-----END|$)/g, '***'],
  // The rest of the line: schemes such as Digest have parameters.
  [/((?:authorization|cookie)["'\\]{0,2}\s{0,8}[:=])[^\r\n]+/gi, '$1 ***'],
  [/\b(bearer)\s{1,8}[\w.~+/=-]+/gi, '$1 ***'],
  // Not 'basic authentication': credentials in base64 hold a capital, a digit or a sign.
  [/\b([Bb]asic|BASIC)\s{1,8}(?=[\w+/]{0,256}?[A-Z\d=+/])[\w+/=-]{6,}/g, '$1 ***'],
  // user:password@ of a URL
  [/:\/\/[^\s/]+@/g, '://***@'],
  [
    /((?:pass(?:word|wd|phrase|code)|\bpass|pwd|secret|token|credentials?|api[_-]?key|(?:access|account|private|shared)[_-]?key|x-amz-|\bsig|session[_-]?id)[\w.-]{0,32}["'\\]{0,2}\s{0,8}[:=]\s{0,8})(?:\\"[^"]*"?|"(?:[^"\\]|\\[\s\S])*"?|'[^']*'?|[^\s&;]+)/gi,
    '$1***',
  ],
  // Keys that tell by their form: JSON web tokens, AWS, GitHub, GitLab, Slack, Stripe, Google.
  [
    /\b(?:eyJ[\w-]{8,}(?:\.[\w-]*){0,2}|A(?:KIA|SIA)[A-Z\d]{16}|gh[pousr]_\w{16,}|github_pat_\w{16,}|glpat-[\w-]{16,}|xox[abeoprs]-[\w-]{8,}|[srp]k_(?:live|test)_\w{8,}|AIza[\w-]{30,})/g,
    '***',
  ],
];

/**
 * A text without what looks like secrets: passwords, tokens, keys, credentials of URLs, JAAS configurations. A help, no
 * promise: a secret in a form that nobody knows stays. The caller bounds the text.
 */
export function stripSecrets(text: string): string {
  return SECRETS.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), text);
}
