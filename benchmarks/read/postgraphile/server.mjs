// PostGraphile as its documentation sets it up: its newest preset, the plugins the questions need, no rights.
import { createServer } from "node:http";
import { PgAggregatesPreset } from "@graphile/pg-aggregates";
import { PgSimplifyInflectionPreset } from "@graphile/simplify-inflection";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { PostGraphileConnectionFilterPreset } from "postgraphile-plugin-connection-filter";

const [socket, port] = process.argv.slice(2);

const preset = {
  extends: [
    PostGraphileAmberPreset,
    PgSimplifyInflectionPreset,
    PostGraphileConnectionFilterPreset,
    PgAggregatesPreset,
  ],
  // Some conditions stand on columns without an index of their own.
  disablePlugins: ["PgIndexBehaviorsPlugin"],
  schema: {
    connectionFilterRelations: true,
    defaultBehavior: "+connection +resource:connection +list +resource:list -mutation",
  },
  pgServices: [
    makePgService({
      connectionString: `postgresql://hub@/hub?host=${encodeURIComponent(socket)}`,
      schemas: ["public"],
      poolConfig: { max: 8 },
    }),
  ],
  grafserv: { graphqlPath: "/graphql", graphiql: false, watch: false },
  grafast: { explain: false },
};

const pgl = postgraphile(preset);
const server = createServer();
const serv = pgl.createServ(grafserv);
await pgl.getSchema();
await serv.addTo(server);
server.listen(Number(port), "127.0.0.1");
process.once("SIGTERM", () => {
  server.close();
  server.closeAllConnections();
  Promise.resolve(pgl.release()).finally(() => process.exit(0));
});
