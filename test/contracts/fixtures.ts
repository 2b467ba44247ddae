/**
 * Known states of the tests' chain that build on one another: a fixture loads the one that it starts from, so that the
 * platform is deployed once a run. (Hardhat's own `loadFixture` cannot be called within a fixture: it then keeps
 * snapshots that are gone.)
 */
import { connection, deployConstitution, type Platform } from "./platform.ts";

/** Everything deployed as it is in production: the state that the others start from. */
export async function deployedConstitution(): Promise<Platform> {
  return deployConstitution(connection);
}

type Snapshot = Awaited<ReturnType<typeof connection.networkHelpers.takeSnapshot>>;

interface Kept {
  readonly fixture: () => Promise<unknown>;
  readonly data: unknown;
  readonly snapshot: Snapshot;
}

/** Each was made after the one before it: going back to one of them loses those that follow. */
const kept: Kept[] = [];

/** Takes the chain to the state that `fixture` makes, and gives what it gave the first time. */
export async function loadFixture<T>(fixture: () => Promise<T>): Promise<T> {
  const place = kept.findIndex((each) => each.fixture === fixture);
  const found = kept[place];
  if (found !== undefined) {
    await found.snapshot.restore();
    kept.splice(place + 1);
    return found.data as T;
  }
  const data = await fixture();
  kept.push({ fixture, data, snapshot: await connection.networkHelpers.takeSnapshot() });
  return data;
}
