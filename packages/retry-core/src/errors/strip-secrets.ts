/** A name that tells of a secret. `compass` and `bypass` do not; `DB_PASS` and `dbPassword` do. */
const NAME =
  '(?:pass(?:word|wd|phrase|code)|(?<![a-z])pass|pwd|secret|token|credentials?|api[_-]?key|(?:access|account|private|shared)[_-]?key|x-amz-|\\bsig|session[_-]?id)[\\w.-]{0,32}';
const QUOTED = `\\\\"[^"]*"?|"(?:[^"\\\\]|\\\\[\\s\\S])*"?|'[^']*'?`;

/**
 * What looks like a secret. Each pattern takes linear time: a part without limit either consumes what it has seen, or
 * cannot begin again inside of it; all others are bounded.
 */
const SECRETS = /* @__PURE__ */ ((): readonly (readonly [RegExp, string])[] => [
  [/-----BEGIN [A-Z ]{1,32}-----[\s\S]*?(?:-----END|$)/g, '***'],
  // The rest of the line: schemes such as Digest have parameters.
  [/((?:authorization|cookie)["'\\]{0,2}\s{0,8}[:=])[^\r\n]+/gi, '$1 ***'],
  [/\b(bearer)\s{1,8}[\w.~+/=-]+/gi, '$1 ***'],
  // Not 'basic authentication': credentials in base64 hold a capital, a digit or a sign.
  [/\b([Bb]asic|BASIC)\s{1,8}(?=[\w+/]{0,256}?[A-Z\d=+/])[\w+/=-]{6,}/g, '$1 ***'],
  // user:password@ of a URL; a password may hold a slash, a port none.
  [/:\/\/[^\s/]+@/g, '://***@'],
  [/:\/\/[^\s/:@]{0,128}:(?!\d{1,5}\/)[^\s@]{1,256}@/g, '://***@'],
  // A name and its value: `a=b`, `a: b`, `"a":"b"`, `a => b`, `a -> b`
  [new RegExp(`(${NAME}["'\\\\]{0,2}\\s{0,8}(?:=>|->|[:=])\\s{0,8})(?:${QUOTED}|[^\\s&;]+)`, 'gi'), '$1***'],
  // `["x-api-key", "b"]`
  [new RegExp(`(${NAME}["']\\s{0,8},\\s{0,8})(?:${QUOTED})`, 'gi'), '$1***'],
  // `using password "b"`; a parser's words of a token are none
  [new RegExp(`\\b((?:pass(?:word|wd|phrase|code)|pwd|secret)\\s{1,8})(?:${QUOTED})`, 'gi'), '$1***'],
  // `--password b`; a hyphen within a word is no option: `self-signed certificate`
  [new RegExp(`((?<![\\w-])--?[\\w-]{0,32}?${NAME}\\s{1,8})(?!-)[^\\s"'&;]+`, 'gi'), '$1***'],
  // `<password>b</password>`
  [new RegExp(`(<[\\w:-]{0,32}?${NAME}[^<>]{0,128}>)[^<]+`, 'gi'), '$1***'],
  // Keys that tell by their form, after the rules of gitleaks: JSON web tokens, AWS, GitHub, GitLab, Slack, Stripe, Google,
  // npm, PyPI, OpenAI and Anthropic, SendGrid, Hugging Face, DigitalOcean, Docker, Vault, Shopify, age.
  [
    /\b(?:eyJ[\w-]{8,}(?:\.[\w-]*){0,2}|A(?:KIA|SIA)[A-Z\d]{16}|gh[pousr]_\w{16,}|github_pat_\w{16,}|gl(?:pat|rt|dt)-[\w-]{16,}|xox[abeoprs]-[\w-]{8,}|xapp-[\w-]{8,}|[srp]k_(?:live|test)_\w{8,}|whsec_[\w+/=]{16,}|AIza[\w-]{30,}|ya29\.[\w-]{16,}|npm_[A-Za-z\d]{36}|pypi-[\w-]{16,}|sk-[\w-]{16,}|SG\.[\w-]{16,}\.[\w-]{16,}|hf_[A-Za-z\d]{30,}|do[por]_v1_[a-f\d]{32,}|dckr_pat_[\w-]{16,}|hv[sb]\.[\w-]{16,}|shp(?:at|ca|pa|ss)_[a-fA-F\d]{32}|AGE-SECRET-KEY-[\dA-Z]{16,})/g,
    '***',
  ],
])();

/**
 * A text without what looks like secrets: passwords, tokens, keys, credentials of URLs, JAAS configurations. A help, no
 * promise: a secret in a form that nobody knows stays. The caller bounds the text.
 */
export function stripSecrets(text: string): string {
  return SECRETS.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), text);
}
