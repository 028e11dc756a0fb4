/** The layers of ARCHITECTURE.md: imports go one way only. */

const CORE = '^packages/retry-core/';
const ENGINE = '^packages/engine/';
const LIBRDKAFKA = '^packages/librdkafka/';
const TESTKIT = '^packages/testkit/';
const CLI = '^packages/cli/';
const DEMO = '^apps/demo/src/';
const TESTS = '(^|/)(test|bench)/|\\.test(-d)?\\.ts$|\\.config\\.ts$';

/** A rule between two places of the core, types included: what all of them speak of stands beside the folders. */
const coreRule = (name, from, to, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: `${CORE}src/${from}`, pathNot: TESTS },
  to: { path: `${CORE}src/${to}` },
});

const FOUNDATIONS = ['durations', 'strategies', 'errors', 'metrics'];
const ABOVE_DURATIONS = ['strategies', 'errors', 'metrics', 'config', 'retry'];

/** One rule for each room of a package, whose floors are `rooms`. */
const floors = (name, src, rooms, ground = []) =>
  Object.entries(rooms).map(([room, below]) => ({
    name: `${name}-${room}`,
    comment: 'Rooms are floors: a room imports those below it, see ARCHITECTURE.md.',
    severity: 'error',
    from: { path: `${src}${room}/`, pathNot: TESTS },
    to: { path: src, pathNot: [...ground, `${src}(${[room, ...below].join('|')})/`] },
  }));

/** What each room of the engine may import, types included: floors, from the door down. Every room may import `binding`. */
const ROOMS = {
  consumer: [
    'membership',
    'lanes',
    'flow',
    'offsets',
    'observing',
    'plan',
    'sending',
    'topology',
    'failures',
  ],
  diagnosis: ['headers', 'plan', 'topology', 'failures'],
  lanes: ['attempts', 'flow', 'offsets', 'observing', 'plan', 'sending'],
  attempts: ['flow', 'failures', 'headers', 'observing', 'plan', 'sending'],
  flow: ['failures', 'observing', 'plan'],
  offsets: ['observing', 'plan', 'sending'],
  topology: ['plan', 'headers', 'failures'],
  producer: ['observing', 'sending'],
  'dead-letters': ['membership', 'flow', 'headers', 'observing', 'plan', 'sending', 'topology', 'failures'],
  membership: ['sending', 'failures'],
  plan: ['headers', 'failures'],
  headers: ['failures'],
  observing: ['failures'],
  sending: ['failures'],
  failures: [],
  binding: [],
};

/** One rule for each room, and one for the door: `velo.ts`. */
const rooms = () => {
  const all = Object.keys(ROOMS).join('|');
  const inside = floors('engine', `${ENGINE}src/`, ROOMS, [`${ENGINE}src/binding/`]);
  const door = {
    name: 'engine-door',
    comment:
      'The door opens to whoever uses the engine: it knows consumers and producers, not what they are made of.',
    severity: 'error',
    from: { path: `${ENGINE}src/(velo|close-on)[.]ts$` },
    to: {
      path: `${ENGINE}src/(${all})/`,
      pathNot: `${ENGINE}src/(binding|consumer|dead-letters|diagnosis|observing|plan|producer|topology)/`,
    },
  };
  return [...inside, door];
};

/** What each room of an adapter may import, types included, besides the ground: `api.ts` and `errors.ts`. */
const ADAPTER_ROOMS = {
  group: ['fetching', 'sending', 'connection', 'quirks'],
  fetching: ['connection', 'quirks'],
  sending: ['connection', 'quirks'],
  topics: ['connection', 'quirks'],
  connection: ['quirks'],
  quirks: [],
};

/** The same with two rooms below: what librdkafka's errors mean, and what it takes for properties. */
const LIBRDKAFKA_ROOMS = {
  ...Object.fromEntries(
    Object.entries(ADAPTER_ROOMS).map(([room, below]) => [room, [...below, 'errors', 'properties']]),
  ),
  properties: ['errors'],
  errors: [],
};

/** The same rooms in each adapter, so that a difference between two folders is one between two clients. */
const adapterRooms = (adapter, rooms = ADAPTER_ROOMS, grounds = 'api|errors') => {
  const src = `^packages/${adapter}/src/`;
  const inside = floors(adapter, src, rooms, [`${src}(${grounds})[.]ts$`]);
  const ground = {
    name: `${adapter}-ground`,
    comment: "The client's surface and its errors are what all rooms stand on.",
    severity: 'error',
    from: { path: `${src}(${grounds})[.]ts$` },
    to: { path: src, pathNot: `${src}(${grounds})[.]ts$` },
  };
  const doors = {
    name: `${adapter}-doors`,
    comment:
      'Besides the rooms there are only doors: client.ts wires the rooms, create-velo.ts and index.ts open.',
    severity: 'error',
    from: { path: `${src}[^/]+/` },
    to: { path: `${src}(client|create-velo|index)[.]ts$` },
  };
  return [...inside, ground, doors];
};

/** What each room of the command line may import, types included, besides the ground: files that lie in no room. */
const CLI_ROOMS = {
  commands: ['completion', 'connection', 'letters', 'schedule', 'terminal'],
  completion: [],
  connection: ['terminal'],
  letters: ['terminal'],
  schedule: ['terminal'],
  terminal: [],
};

/** What each room of the testkit may import, types included: neither suite needs the other. */
const TESTKIT_ROOMS = {
  binding: ['embedded-broker', 'support'],
  contract: ['apache-kafka', 'embedded-broker', 'fault-proxy', 'support'],
  'apache-kafka': ['fault-proxy', 'processes', 'support'],
  'fault-proxy': ['support'],
  'embedded-broker': [],
  processes: [],
  support: [],
};

/** What each room of the demo may import, types included, besides the ground: files that lie in no room. */
const DEMO_ROOMS = {
  run: ['faults', 'report', 'films', 'cluster'],
  faults: ['report', 'films', 'cluster'],
  report: ['films', 'cluster'],
  films: [],
  cluster: [],
};

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Modules that need each other are one module, or lack a third.',
      severity: 'error',
      from: { pathNot: TESTS },
      to: { circular: true },
    },
    {
      name: 'core-imports-nothing',
      comment: 'The core has no dependency and no I/O: it runs in a browser too.',
      severity: 'error',
      from: { path: `${CORE}src/`, pathNot: TESTS },
      to: { pathNot: `${CORE}src/` },
    },
    {
      name: 'packages-know-only-engine-and-core',
      comment: 'Adapters and observers never import each other.',
      severity: 'error',
      from: { path: '^packages/([^/]+)/src/', pathNot: `${TESTS}|${TESTKIT}|^packages/cli/` },
      to: { path: '^packages/', pathNot: [CORE, ENGINE, LIBRDKAFKA, '^packages/$1/'] },
    },
    {
      name: 'cli-knows-one-adapter',
      severity: 'error',
      from: { path: `${CLI}src/`, pathNot: TESTS },
      to: { path: '^packages/', pathNot: [CLI, CORE, ENGINE, '^packages/kafkajs/'] },
    },
    {
      name: 'nothing-imports-the-cli',
      severity: 'error',
      from: { pathNot: CLI },
      to: { path: CLI },
    },
    {
      name: 'librdkafka-is-for-its-clients',
      comment: 'It is bundled into the adapters of librdkafka: nobody else has it when installed.',
      severity: 'error',
      from: { pathNot: `^packages/(librdkafka|rdkafka|confluent)/` },
      to: { path: LIBRDKAFKA },
    },
    {
      name: 'engine-knows-only-the-core',
      comment: "Of Node's it needs one thing: the context in which handlers run.",
      severity: 'error',
      from: { path: `${ENGINE}src/`, pathNot: TESTS },
      to: { pathNot: [CORE, `${ENGINE}src/`, '^(node:)?async_hooks$'] },
    },
    {
      name: 'nothing-imports-an-app',
      severity: 'error',
      from: { path: '^(apps|packages)/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^$1/$2/' },
    },
    {
      name: 'testkit-is-for-tests-and-apps',
      severity: 'error',
      from: { path: '^packages/', pathNot: `${TESTS}|${TESTKIT}` },
      to: { path: TESTKIT },
    },
    {
      name: 'published-code-uses-declared-packages',
      comment: 'A development dependency would be missing where the package is installed.',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/', pathNot: TESTS },
      to: {
        // Bundled, see tsup.config.ts.
        pathNot: LIBRDKAFKA,
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['npm-peer', 'type-only'],
      },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'entries-are-only-entries',
      comment: 'An index.ts names what a package exports; inside, a module imports the module that it means.',
      severity: 'error',
      from: { path: '^(packages|apps)/[^/]+/src/', pathNot: TESTS },
      to: { path: '^(packages|apps)/.*/index[.]ts$' },
    },
    ...FOUNDATIONS.map((name) =>
      coreRule(
        `core-${name}-stands-alone`,
        `${name}/`,
        `(${ABOVE_DURATIONS.filter((other) => other !== name).join('|')})/`,
        'Strategies, errors and metrics know nothing of each other; durations are a unit that all may use.',
      ),
    ),
    coreRule('core-config-below-retry', 'config/', 'retry/', 'Configuration knows no retrier.'),
    ...rooms(),
    ...adapterRooms('kafkajs'),
    ...adapterRooms('platformatic', ADAPTER_ROOMS, 'api|requests|errors'),
    ...adapterRooms('librdkafka', LIBRDKAFKA_ROOMS, 'api|facts'),
    // No rooms: each is little more than its table of facts.
    ...['rdkafka', 'confluent'].flatMap((adapter) => adapterRooms(adapter, {}, 'api')),
    ...floors('cli', `${CLI}src/`, CLI_ROOMS, [`${CLI}src/(cli-error|context|exit-codes|explain-end)[.]ts$`]),
    ...floors('testkit', `${TESTKIT}src/`, TESTKIT_ROOMS),
    ...floors('demo', DEMO, DEMO_ROOMS, [`${DEMO}(demo-error|default-input|format)[.]ts$`]),
  ],
  options: {
    doNotFollow: { path: 'node_modules|/dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
  },
};
