/** Pure: the table of routes as an OpenAPI document. */
import * as z from 'zod';
import { limits } from '../base/limits.ts';
import type { Route } from './route.ts';

type Schema = z.core.JSONSchema.BaseSchema;

/** Of OpenAPI 3.1, whose schemas are JSON Schema of 2020-12. `routes` by the names that become ids of operations. */
export function openApiDocument(routes: Readonly<Record<string, Route>>, version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const [name, route] of Object.entries(routes)) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(name, route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Weir',
      version,
      description: `Jobs, checkpoints and savepoints, as Flink's REST API has them; what is beyond that is under \`weir\`, or has paths of its own. Every path is also served below \`/v1\`. A body has at most ${limits.requestBytesMax} bytes, and is ignored with GET.`,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/v1' }, { url: '/' }],
    security: [{}, { token: [] }, { signature: [] }],
    tags: tagNames.map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: { Errors: schemaOf(errors), Json: { description: 'Any JSON value.' } },
      responses: {
        Refused: { description: 'Refused: what happened, and what to do', content: json({ $ref: '#/components/schemas/Errors' }) },
      },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: "With the control plane's `auth: 'token'`." },
        signature: {
          type: 'apiKey',
          name: 'Authorization',
          in: 'header',
          'x-amazon-apigateway-authtype': 'awsSigv4',
          description: "Signature Version 4, with `auth: 'iam'`.",
        },
      },
    },
  };
}

const tagNames = [
  ['queries', 'Change nothing.'],
  ['trigger', 'Ask for savepoints and checkpoints, and for stopping with one.'],
  ['cancel', 'End jobs at once.'],
  ['run', 'Begin jobs, and tell what would come of it.'],
  ['dispose', 'Delete and copy snapshots.'],
] as const;

/** One field more, and Flink's client would read it as a success. */
const errors = z.strictObject({ errors: z.array(z.string()).min(1) });

function operationOf(operationId: string, route: Route): object {
  const parameters = [...parametersOf(route.parameters, 'path'), ...(route.query === undefined ? [] : parametersOf(route.query, 'query'))];
  return {
    operationId,
    summary: route.summary,
    tags: [route.group],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.method === 'GET' ? {} : { requestBody: { required: false, content: json(schemaOf(route.body)) } }),
    responses: {
      [route.status]: { description: 'Done, or on its way', content: json(schemaOf(route.reply)) },
      '3XX': { $ref: '#/components/responses/Refused' },
      '4XX': { $ref: '#/components/responses/Refused' },
      '5XX': { $ref: '#/components/responses/Refused' },
    },
  };
}

function parametersOf(schema: z.ZodType, place: 'path' | 'query'): readonly object[] {
  const { properties = {}, required = [] } = schemaOf(schema);
  return Object.entries(properties).map(([name, of]) => ({ name, in: place, required: required.includes(name), schema: of }));
}

const json = (schema: object): object => ({ 'application/json': { schema } });

/**
 * As requests and replies are before anything reads them: fields that are not listed may be there. What refers to itself is
 * a JSON value wherever that comes up, and has one name for the whole document.
 */
function schemaOf(schema: z.ZodType): Schema {
  const { $schema: _, $defs: __, ...plain } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return JSON.parse(JSON.stringify(plain), (key, value: unknown) =>
    key === '$ref' && String(value).startsWith('#/$defs/') ? '#/components/schemas/Json' : value,
  ) as Schema;
}
