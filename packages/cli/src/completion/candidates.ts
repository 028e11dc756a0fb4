import type { Command, Option } from 'commander';

/** What may stand at the end of a command line that is being typed. */
export interface Candidates {
  readonly words: readonly { readonly word: string; readonly description: string }[];
  /** A file may stand there. */
  readonly files: boolean;
}

const NONE: Candidates = { words: [], files: false };
const FILES: Candidates = { words: [], files: true };

/** @param typed the words after `velo`; the last one is being typed, and may be empty */
export function candidates(program: Command, typed: readonly string[]): Candidates {
  const word = typed.at(-1) ?? '';
  let command = program;
  let open: Option | undefined;
  for (const each of typed.slice(0, -1)) {
    if (open !== undefined) open = undefined;
    else if (each.startsWith('-')) open = optionOf(command, each);
    else if (command.commands.length > 0) {
      const next = command.commands.find((sub) => sub.name() === each);
      if (next === undefined) return NONE;
      command = next;
    }
  }
  const [flag = '', value] = word.split('=', 2);
  if (open !== undefined) return valuesOf(open, word, '');
  if (value !== undefined && word.startsWith('--')) {
    const option = optionOf(command, flag);
    return option === undefined ? NONE : valuesOf(option, value, `${flag}=`);
  }
  return beginningWith(word, word.startsWith('-') ? flagsOf(command) : namesOf(command));
}

/** The option whose value comes next; undefined for a switch. */
function optionOf(command: Command, flag: string): Option | undefined {
  return command.options.find(
    (option) => (option.long === flag || option.short === flag) && (option.required || option.optional),
  );
}

function valuesOf(option: Option, word: string, before: string): Candidates {
  if (option.argChoices !== undefined)
    return beginningWith(
      `${before}${word}`,
      option.argChoices.map((choice) => ({ word: before + choice, description: '' })),
    );
  return /<FILE>/.test(option.flags) ? FILES : NONE;
}

const flagsOf = (command: Command) =>
  command
    .createHelp()
    .visibleOptions(command)
    .map(({ long, short, description }) => ({ word: long ?? short ?? '', description }));

function namesOf(command: Command) {
  const commands = command
    .createHelp()
    .visibleCommands(command)
    .map((sub) => ({ word: sub.name(), description: sub.summary() || sub.description() }));
  const choices = command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices);
  return [...commands, ...choices.map((word) => ({ word, description: '' }))];
}

const beginningWith = (start: string, words: Candidates['words']): Candidates => ({
  words: words.filter(({ word }) => word.startsWith(start)),
  files: false,
});
