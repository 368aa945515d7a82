/**
 * The law of the house as data (docs/architecture.md): who may import whom. Type imports count too.
 */

/** From left to right: a room imports itself and the rooms to its left. */
const rooms = [
  'kernel',
  'events',
  'accounts',
  'plans',
  'keys',
  'metering',
  'live',
  'guard',
  'requests',
  'webhooks',
  'alerts',
  'mail',
  'audit',
];
/** A protocol each, and the demo; they import rooms and never each other. The last ones are single files. */
const doors = ['rest', 'gateway', 'graphql', 'jobs', 'demo', 'console\\.ts', 'health\\.ts'];

const source = 'packages/server/src';
const doorPath = (door) => `^${source}/${door.endsWith('ts') ? door : `${door}/`}`;
const anyRoom = `^${source}/(${rooms.join('|')})/`;
const anyDoor = doors.map(doorPath).join('|');
const tests = '\\.test\\.ts$|\\.contract\\.ts$|^packages/[^/]+/(test|e2e|scripts)/|^packages/bench/';

const lookLeft = rooms.slice(0, -1).map((room, index) => ({
  name: `look-left-${room}`,
  comment: `Rooms stand in the order ${rooms.join(' ')}; each imports only itself and those to its left.`,
  severity: 'error',
  from: { path: `^${source}/${room}/`, pathNot: tests },
  to: { path: `^${source}/(${rooms.slice(index + 1).join('|')})/` },
}));

const apart = doors.map((door) => ({
  name: `doors-apart-${door.replace('\\', '')}`,
  comment: 'A door speaks one protocol and knows no other door.',
  severity: 'error',
  from: { path: doorPath(door), pathNot: tests },
  to: { path: anyDoor, pathNot: doorPath(door) },
}));

const drivers = [
  { name: 'driver-redis', package: 'ioredis', files: '\\.redis\\.ts$|/kernel/redis[^/]*\\.ts$' },
  {
    name: 'driver-postgres',
    package: 'pg',
    files: '\\.(postgres|embedded|migrate)\\.ts$|/kernel/database[^/]*\\.ts$',
  },
  { name: 'driver-smtp', package: 'nodemailer', files: '\\.smtp\\.ts$' },
  { name: 'driver-http', package: 'undici', files: '\\.http\\.ts$' },
].map(({ name, package: driver, files }) => ({
  name,
  comment: 'The last word of a file name tells which part of the world it touches.',
  severity: 'error',
  from: { path: `^${source}/`, pathNot: `${files}|${tests}` },
  to: { path: `(^|node_modules/)${driver}(/|$)` },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'nothing-missing',
      comment: 'Every import leads somewhere, and to a package that the importing package names.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^(\\$app|\\$env)/|\\$types(\\.d\\.ts)?$' },
    },
    ...lookLeft,
    {
      name: 'rooms-know-no-door',
      comment: 'A rule that a protocol needs belongs to a room.',
      severity: 'error',
      from: { path: anyRoom, pathNot: tests },
      to: { path: anyDoor },
    },
    ...apart,
    {
      name: 'only-compose-opens-doors',
      severity: 'error',
      from: {
        path: `^${source}/`,
        pathNot: `${anyDoor}|^${source}/compose(\\.stores|\\.webhooks|\\.mail|\\.demo)?\\.ts$|${tests}`,
      },
      to: { path: anyDoor },
    },
    {
      name: 'compose-is-the-top',
      severity: 'error',
      from: { path: '^packages/', pathNot: `^${source}/(compose|compose\\.demo|main)\\.ts$|${tests}` },
      to: {
        path: `^${source}/(compose|compose\\.stores|compose\\.webhooks|compose\\.mail|compose\\.demo|main)\\.ts$`,
      },
    },
    {
      name: 'only-compose-picks-the-world',
      comment: 'Which store, bus or sender it is, is decided in one place; inside a room its own files may meet.',
      severity: 'error',
      from: {
        path: `^${source}/([^/]+)`,
        pathNot: `^${source}/compose(\\.stores|\\.webhooks|\\.mail|\\.demo)?\\.ts$|${tests}`,
      },
      to: {
        path: `^${source}/[^/]+/[^/]+\\.(postgres|redis|local|smtp|embedded|migrate)\\.ts$`,
        pathNot: `^${source}/$1/`,
      },
    },
    ...drivers,
    {
      name: 'shared-is-pure',
      comment: 'Shared runs anywhere: it imports nothing, not even node:.',
      severity: 'error',
      from: { path: '^packages/shared/src/', pathNot: tests },
      to: { pathNot: '^packages/shared/src/' },
    },
    {
      name: 'console-and-server-meet-in-shared',
      severity: 'error',
      from: { path: '^packages/console/(src|static)/' },
      to: { path: '^packages/(server|shared/src/(?!index\\.ts))' },
    },
    {
      name: 'server-knows-no-console',
      severity: 'error',
      from: { path: '^packages/(server|shared)/' },
      to: { path: '^packages/console/' },
    },
    {
      name: 'no-tests-in-the-product',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/', pathNot: tests },
      to: { path: tests },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(gen|build|\\.svelte-kit|test-results|playwright-report)/' },
    tsPreCompilationDeps: true,
    moduleSystems: ['es6', 'cjs'],
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default', 'svelte'],
    },
  },
};
