import type { AclOperation, RequiredAcl } from '@velo/engine';
import { type AclEntry, AclOperationTypes, AclResourceTypes, type Admin } from 'kafkajs';
import { until } from '../../support/until.js';

const OPERATIONS: Readonly<Record<AclOperation, AclOperationTypes>> = {
  Read: AclOperationTypes.READ,
  Write: AclOperationTypes.WRITE,
  Create: AclOperationTypes.CREATE,
  Alter: AclOperationTypes.ALTER,
  Describe: AclOperationTypes.DESCRIBE,
  DescribeConfigs: AclOperationTypes.DESCRIBE_CONFIGS,
};
const RESOURCES = {
  topic: AclResourceTypes.TOPIC,
  group: AclResourceTypes.GROUP,
  'transactional-id': AclResourceTypes.TRANSACTIONAL_ID,
} as const;
/** kafkajs declares these as empty enums. */
const PATTERNS = { literal: 3, prefixed: 4 } as const;
const ALLOW = 3;

const entries = (user: string, { resource, name, pattern, operations }: RequiredAcl): AclEntry[] =>
  operations.map((operation) => ({
    resourceType: RESOURCES[resource],
    resourceName: name,
    resourcePatternType: PATTERNS[pattern],
    principal: `User:${user}`,
    host: '*',
    operation: OPERATIONS[operation],
    permissionType: ALLOW,
  }));

/** Allows a user this and no more; resolves when it counts. */
export async function grant(admin: Admin, user: string, acls: readonly RequiredAcl[]): Promise<void> {
  const acl = acls.flatMap((each) => entries(user, each));
  await admin.createAcls({ acl });
  await until(`${user} is allowed`, async () =>
    (await Promise.all(acl.map((e) => counts(admin, e)))).every(Boolean),
  );
}

/** Takes a right away again; resolves when it is gone. */
export async function revoke(admin: Admin, user: string, acl: RequiredAcl): Promise<void> {
  const gone = entries(user, acl);
  await admin.deleteAcls({ filters: gone });
  await until(
    `${user} is not allowed`,
    async () => !(await Promise.all(gone.map((e) => counts(admin, e)))).some(Boolean),
  );
}

async function counts(admin: Admin, entry: AclEntry): Promise<boolean> {
  const { resources } = await admin.describeAcls(entry);
  return resources.some(({ acls }) => acls.length > 0);
}
