import { sql } from "kysely";
import { Redis } from "ioredis";

import { testDatabase } from "../../support/postgres.ts";
import { redisIsInstalled, startTestRedis } from "../../support/redis.ts";
import { behavesAsAQueue } from "./jobs.behaviour.ts";

behavesAsAQueue("PostgreSQL", async () => {
  const database = await testDatabase();
  return {
    databaseUrl: database.url,
    redisUrl: undefined,
    async forgetAll() {
      const { rows } = await sql<{ tablename: string }>`
        select tablename from pg_tables where schemaname = 'bullmq' and tablename not like '%migration%'
        and tablename not like '%ledger%' and tablename not like '%version%'`.execute(database.db);
      const names = rows.map(({ tablename }) => `bullmq."${tablename}"`).join(", ");
      if (names !== "") await sql.raw(`truncate ${names}`).execute(database.db);
    },
    close: () => database.close(),
  };
});

if (redisIsInstalled()) {
  behavesAsAQueue("Redis", async () => {
    const redis = await startTestRedis();
    const database = await testDatabase();
    const client = new Redis(redis.url);
    return {
      databaseUrl: database.url,
      redisUrl: redis.url,
      async forgetAll() {
        await client.flushall();
      },
      async close() {
        client.disconnect();
        await redis.stop();
        await database.close();
      },
    };
  });
}
