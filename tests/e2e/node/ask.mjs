// Asks with the SDKs of npm. The contract is in support/driver.py. Arguments: the names of the two packages.
import { createInterface } from "node:readline";

const [openaiName, anthropicName] = process.argv.slice(2);
const { default: OpenAI } = await import(openaiName);
const { default: Anthropic } = await import(anthropicName);
const names = ["get_weather", "delete_records"];
const schema = { type: "object", properties: {} };
const settings = (url) => ({ baseURL: url, apiKey: "sk-test", timeout: 20000 });

async function chat({ url, how, prompt }) {
  const client = new OpenAI(settings(url));
  const tools = names.map((name) => ({ type: "function", function: { name, parameters: schema } }));
  const asked = { model: "m", messages: [{ role: "user", content: prompt }], tools };
  if (how === "stream") {
    let [text, finish] = ["", null];
    const calls = [];
    for await (const chunk of await client.chat.completions.create({ ...asked, stream: true })) {
      for (const choice of chunk.choices) {
        text += choice.delta.content ?? "";
        finish = choice.finish_reason ?? finish;
        for (const call of choice.delta.tool_calls ?? []) {
          calls[call.index] ??= ["", ""];
          calls[call.index][0] += call.function.name ?? "";
          calls[call.index][1] += call.function.arguments ?? "";
        }
      }
    }
    return { text, calls: calls.map(([name, json]) => [name, JSON.parse(json)]), finish };
  }
  const made = how === "helper" ? client.chat.completions.stream(asked).finalChatCompletion() : client.chat.completions.create(asked);
  const [choice] = (await made).choices;
  const calls = (choice.message.tool_calls ?? []).map((call) => [call.function.name, JSON.parse(call.function.arguments)]);
  return { text: choice.message.content ?? "", calls, finish: choice.finish_reason };
}

async function responses({ url, how, prompt }) {
  const client = new OpenAI(settings(url));
  const tools = names.map((name) => ({ type: "function", name, parameters: schema, strict: false }));
  const asked = { model: "m", input: prompt, tools };
  const said = (got) => got.output.filter((item) => item.type === "message").flatMap((item) => item.content).map((part) => part.text).join("");
  let got;
  if (how === "stream") {
    let [text, last] = ["", null];
    for await (last of await client.responses.create({ ...asked, stream: true })) {
      text += last.type === "response.output_text.delta" ? last.delta : "";
    }
    got = last.response;
    if (got.status !== "completed") return { text, calls: [], finish: got.status };
    if (text !== said(got)) throw new Error("the last event says something else than the deltas");
  } else {
    got = await (how === "helper" ? client.responses.stream(asked).finalResponse() : client.responses.create(asked));
  }
  const calls = got.output.filter((item) => item.type === "function_call").map((item) => [item.name, JSON.parse(item.arguments)]);
  return { text: said(got), calls, finish: got.status };
}

async function messages({ url, how, prompt }) {
  const client = new Anthropic(settings(url));
  const tools = names.map((name) => ({ name, input_schema: schema }));
  const asked = { model: "m", max_tokens: 99, messages: [{ role: "user", content: prompt }], tools };
  if (how === "stream") {
    let [text, finish] = ["", null];
    const calls = [];
    for await (const event of await client.messages.create({ ...asked, stream: true })) {
      if (event.type === "content_block_start" && event.content_block.type === "tool_use") {
        calls.push([event.content_block.name, ""]);
      } else if (event.type === "content_block_delta") {
        text += event.delta.text ?? "";
        if (event.delta.type === "input_json_delta") calls.at(-1)[1] += event.delta.partial_json;
      } else if (event.type === "message_delta") {
        finish = event.delta.stop_reason;
      }
    }
    return { text, calls: calls.map(([name, json]) => [name, JSON.parse(json)]), finish };
  }
  const got = await (how === "helper" ? client.messages.stream(asked).finalMessage() : client.messages.create(asked));
  const calls = got.content.filter((block) => block.type === "tool_use").map((block) => [block.name, block.input]);
  const text = got.content.filter((block) => block.type === "text").map((block) => block.text).join("");
  return { text, calls, finish: got.stop_reason };
}

const apis = { chat, responses, messages };
for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  let told;
  try {
    told = await apis[asked.api](asked);
  } catch (error) {
    const inner = error.error?.error ?? error.error;
    told = { raised: error.constructor.name, status: error.status ?? null, code: error.code ?? inner?.code ?? null, told: String(error) };
  }
  process.stdout.write(JSON.stringify(told) + "\n");
}
