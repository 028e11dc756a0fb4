import { shellWord } from './printable.js';

/** What an explanation may name; empty where it is not known. */
export interface ExplainedContext {
  readonly topic: string;
  readonly groupId: string;
  readonly bootstrapServers: string;
  readonly partitions: number;
  readonly replicationFactor: number;
}

const MAX_PROBED_SERVERS = 3;

/** Host and port of the first bootstrap servers. */
export function hostsOf({
  bootstrapServers,
}: ExplainedContext): readonly (readonly [host: string, port: string])[] {
  return bootstrapServers.split(',', MAX_PROBED_SERVERS).flatMap((server) => {
    const parts = /^\s*(?:\w+:\/\/)?\[?([\w.:-]+?)\]?:(\d{1,5})\s*$/.exec(server);
    return parts ? [[parts[1] as string, parts[2] as string] as const] : [];
  });
}

export function bootstrapOption({ bootstrapServers }: ExplainedContext): string {
  return `--bootstrap-server ${shellWord(bootstrapServers || 'HOST:9092')}`;
}

export function topicOption({ topic }: ExplainedContext): string {
  return option('topic', topic || 'TOPIC');
}

export function groupOption({ groupId }: ExplainedContext): string {
  return option('group', groupId || 'GROUP');
}

/** A value that starts with a dash would be read as an option of its own. */
function option(name: string, value: string): string {
  return value.startsWith('-') ? `--${name}=${shellWord(value)}` : `--${name} ${shellWord(value)}`;
}
