// node build.mjs APP.js WIT_FOLDER OUT.wasm, beside a node_modules with @bytecodealliance/componentize-js.
import { writeFile } from "node:fs/promises";

import { componentize } from "@bytecodealliance/componentize-js";

const [sourcePath, witPath, out] = process.argv.slice(2);
// Without these a component has no clock, no random numbers, no network and no output: a policy needs none of them.
const disableFeatures = ["clocks", "random", "stdio", "http", "fetch-event"];
const { component } = await componentize({ sourcePath, witPath, worldName: "code-words", disableFeatures });
await writeFile(out, component);
