// Makes one file of the connector, program/any/acme, which is all that its package
// needs beside connector.yaml: the code, its libraries and the contract, behind
// two lines that find Node.
import { build } from "esbuild";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

// The contract is taken from the checkout of Voldaan that this folder is part of,
// else from the copy in proto/.
const protos = ["../../wire", "proto"].find((dir) => existsSync(join(dir, "voldaan/connector/v1")));
const program = /^program: *(\S+)/m.exec(readFileSync("connector.yaml", "utf8"))[1];
const protobuf = createRequire(createRequire(import.meta.url).resolve("@grpc/proto-loader"))("protobufjs");

const root = new protobuf.Root();
root.resolvePath = (_, file) => (file.startsWith("google/") ? file : join(protos, file));
root.loadSync(["voldaan/connector/v1/connector.proto", "voldaan/connector/v1/host.proto"]);

const options = { bundle: true, platform: "node", target: "node18", write: false, define: { CONTRACT: JSON.stringify(root.toJSON()) } };
const main = await build({ ...options, entryPoints: ["src/main.ts"], format: "cjs" });
const head = `#!/bin/sh
":" //; export PATH=/usr/local/bin:/usr/bin:/bin; command -v node >/dev/null || { echo "Node is not installed here: this connector needs Node 18 or newer below /usr" >&2; exit 1; }; exec node --max-old-space-size=256 --preserve-symlinks-main "$0"
`;
rmSync("program", { recursive: true, force: true });
mkdirSync("program/any", { recursive: true });
writeFileSync(`program/any/${program}`, head + main.outputFiles[0].text);
chmodSync(`program/any/${program}`, 0o755);

// The same code for its tests, without the server.
mkdirSync("build", { recursive: true });
for (const name of ["connector", "voldaan"]) {
  const part = await build({ ...options, entryPoints: [`src/${name}.ts`], format: "cjs" });
  writeFileSync(`build/${name}.cjs`, part.outputFiles[0].text);
}
