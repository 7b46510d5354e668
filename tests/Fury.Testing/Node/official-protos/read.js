// Answers questions about the official protos of xDS, which @grpc/grpc-js-xds carries: a line of JSON for each line of input.
//   decode TYPE BASE64   the message as JSON
//   check TYPE BASE64    whether a message that is written as JSON, with the protos' own names, is one; the number of fields in it
//   describe NAME        the fields of a message, the values of an enum, or the methods of a service
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';

const modules = path.join(path.dirname(fileURLToPath(import.meta.url)), 'node_modules');
const carried = path.join(modules, '@grpc/grpc-js-xds/deps');
const folders = [...fs.readdirSync(carried).map((name) => path.join(carried, name)), path.join(modules, 'protobufjs')];

// Not all that is carried can be loaded: some of it imports what is not.
const packages = [
  'envoy/config/bootstrap/v3',
  'envoy/config/cluster/v3',
  'envoy/config/core/v3',
  'envoy/config/endpoint/v3',
  'envoy/config/listener/v3',
  'envoy/config/route/v3',
  'envoy/extensions/filters/http/router/v3',
  'envoy/extensions/filters/network/http_connection_manager/v3',
  'envoy/extensions/transport_sockets/tls/v3',
  'envoy/extensions/upstreams/http/v3',
  'envoy/service/discovery/v3',
  'envoy/service/load_stats/v3',
  'envoy/type/matcher/v3',
  'envoy/type/v3',
  'google/rpc',
];

const find = (name) => folders.map((folder) => path.join(folder, name)).find((file) => fs.existsSync(file));
const root = new protobuf.Root();
// What is nowhere is one of Google's own, which protobufjs has within.
root.resolvePath = (_, target) => find(target) ?? target;
root.loadSync(
  packages.flatMap((name) => fs.readdirSync(find(name)).filter((file) => file.endsWith('.proto')).map((file) => `${name}/${file}`)),
  { keepCase: true },
);
root.resolveAll();

const nameOf = (thing) => thing.fullName.slice(1);

function typeOf(field) {
  const type = field.resolvedType;
  const name = !type ? field.type : type instanceof protobuf.Enum ? `enum ${nameOf(type)}` : nameOf(type);
  return field.map ? `map<${field.keyType}, ${name}>` : field.repeated ? `repeated ${name}` : name;
}

function describe(name) {
  const thing = root.lookup(name);
  if (thing === null || nameOf(thing) !== name) {
    throw new Error(`there is no ${name}`);
  }

  if (thing instanceof protobuf.Enum) {
    return Object.fromEntries(Object.entries(thing.values).map(([value, number]) => [value, `${number}`]));
  }

  if (thing instanceof protobuf.Service) {
    const side = (type, stream) => (stream ? 'stream ' : '') + nameOf(type);
    return Object.fromEntries(
      thing.methodsArray.map((method) => [
        `/${name}/${method.name}`,
        `${side(method.resolvedRequestType, method.requestStream)} -> ${side(method.resolvedResponseType, method.responseStream)}`,
      ]),
    );
  }

  return Object.fromEntries(
    thing.fieldsArray.map((field) => [field.name, `${typeOf(field)} = ${field.id}${field.partOf ? ` in ${field.partOf.name}` : ''}`]),
  );
}

function decode(name, base64) {
  const type = root.lookupType(name);
  const bytes = Buffer.from(base64 ?? '', 'base64');
  const message = type.decode(bytes);
  // protobufjs skips what it does not know without a word; written again, the message is shorter then.
  const understood = type.encode(message).finish().length;
  if (understood !== bytes.length) {
    throw new Error(`of the ${bytes.length} bytes of this ${name}, ${understood} are understood`);
  }

  return type.toObject(message, { json: true, longs: String, enums: String, bytes: String });
}

// Each has a form of its own in JSON (https://protobuf.dev/programming-guides/json/).
const wellKnown = {
  'google.protobuf.Duration': (value) => /^\d+(\.\d+)?s$/.test(value),
  'google.protobuf.Struct': (value) => typeof value === 'object',
  'google.protobuf.UInt32Value': Number.isInteger,
  'google.protobuf.BoolValue': (value) => typeof value === 'boolean',
};

const scalars = { string: 'string', bool: 'boolean', double: 'number', float: 'number', int32: 'number', uint32: 'number' };

function check(type, value, at) {
  if (type.fullName === '.google.protobuf.Any') {
    const { '@type': url, ...rest } = value;
    return check(root.lookupType(url.slice(url.lastIndexOf('/') + 1)), rest, at);
  }

  const known = wellKnown[nameOf(type)];
  if (known) {
    if (!known(value)) {
      throw new Error(`${at} is ${JSON.stringify(value)}, which is no ${nameOf(type)}`);
    }

    return 1;
  }

  return Object.entries(value).reduce((sum, [name, inner]) => sum + checkField(type.fields[name], inner, `${at}.${name}`), 0);
}

function checkField(field, value, at) {
  if (!field) {
    throw new Error(`there is no ${at}`);
  }

  if (field.repeated !== Array.isArray(value)) {
    throw new Error(`${at} must ${field.repeated ? '' : 'not '}be a list`);
  }

  const each = field.map ? Object.values(value) : field.repeated ? value : [value];
  return each.reduce((sum, inner) => sum + checkValue(field, inner, at), 0);
}

function checkValue(field, value, at) {
  const type = field.resolvedType;
  if (type instanceof protobuf.Type) {
    return 1 + check(type, value, at);
  }

  const right = type instanceof protobuf.Enum ? value in type.values : typeof value === scalars[field.type];
  if (!right) {
    throw new Error(`${at} is ${JSON.stringify(value)}, which is no ${type ? nameOf(type) : field.type}`);
  }

  return 1;
}

const verbs = {
  decode,
  check: (name, base64) => check(root.lookupType(name), JSON.parse(Buffer.from(base64, 'base64')), name),
  describe,
};

for await (const line of readline.createInterface({ input: process.stdin })) {
  const [verb, name, base64] = line.split(' ');
  let answer;
  try {
    answer = { answer: verbs[verb](name, base64) };
  } catch (failure) {
    answer = { error: failure.message };
  }

  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
