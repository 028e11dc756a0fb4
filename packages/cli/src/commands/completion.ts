import { readFile } from 'node:fs/promises';
import { Argument, Command } from '@commander-js/extra-typings';
import { printed } from '@velo/retry-core';
import { candidates } from '../completion/candidates.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { ending, examples } from './command.js';

/** Each asks `velo complete` with the words typed so far. */
const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** `velo completion bash`: a script that a shell loads. */
export const completionCommand = (context: Context) =>
  new Command('completion')
    .summary('print the completion of a shell')
    .description('Prints what a shell loads to complete the commands and options of velo.')
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .addHelpText(
      'after',
      examples(
        'source <(velo completion bash)          # in ~/.bashrc',
        'source <(velo completion zsh)           # in ~/.zshrc, after compinit',
        'velo completion fish | source           # in ~/.config/fish/config.fish',
      ),
    )
    .action(
      ending(context, async (shell) => {
        context.out.write(await readFile(new URL(`../completions/velo.${shell}`, import.meta.url), 'utf8'));
        return EXIT.done;
      }),
    );

/**
 * `velo complete -- WORDS`: asked by those scripts; in no help. A candidate a line, a tab and its description; `:files` where a
 * file may stand.
 */
export const completeCommand = (context: Context, program: Command) =>
  new Command('complete').argument('[words...]').action(
    ending(context, (words) => {
      const { words: found, files } = candidates(program as never, words);
      for (const { word, description } of found)
        context.out.line(`${word}\t${printed(description.split('\n')[0] as string)}`);
      if (files) context.out.line(':files');
      return EXIT.done;
    }),
  );
