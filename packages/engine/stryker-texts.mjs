/** A plugin of Stryker: texts for people are not mutated, since no test should pin their words. */

/** Names of headers and topics, and codes, hold no two words. */
const TWO_WORDS = /\p{L}[,.:;)]? \p{L}/u;

function textOf({ type, value, quasis }) {
  if (type === 'StringLiteral') return value;
  return type === 'TemplateLiteral' ? quasis.map((part) => part.value.raw).join('x') : '';
}

const shouldIgnore = ({ node }) => (TWO_WORDS.test(textOf(node)) ? 'a text for people' : undefined);

export const strykerPlugins = [{ kind: 'Ignore', name: 'texts-for-people', value: { shouldIgnore } }];
