// Catches: documents of the API that say what was true once, and an OpenAPI document that no tool can read.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openApiFile, openApiText, pageFile, pageText } from '../../scripts/write-api-documents.ts';
import { routeList } from '../../src/control-api/routes.ts';
import { type ServedJobs, serveJobs } from './served-jobs.ts';

const read = (file: string): string => readFileSync(file, 'utf8');
const document = JSON.parse(openApiText()) as {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<
        Record<string, { readonly operationId: string; readonly parameters?: readonly { readonly name: string; readonly in: string }[] }>
      >
    >
  >;
  readonly components: object;
};

describe('the documents of the API', () => {
  it('are as the routes are: npm run api-documents writes them', () => {
    expect(read(openApiFile) === openApiText(), 'docs/openapi.json is older than the routes').toBe(true);
    const page = read(pageFile);
    expect(page).toBe(pageText(page));
  });

  it('have every route, once', () => {
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(operations).toHaveLength(routeList.length);
    for (const { method, path } of routeList) {
      expect(operations).toContain(`${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
      expect(read(pageFile)).toContain(`| ${method} ${path} `);
    }
  });

  it('are served', async () => {
    const served: ServedJobs = await serveJobs();
    try {
      expect(await (await fetch(`${served.server.url}/v1/openapi.json`)).json()).toEqual(document);
    } finally {
      await served[Symbol.asyncDispose]();
    }
  });

  it('name every parameter of a path, and refer to nothing that is not there', () => {
    for (const [path, methods] of Object.entries(document.paths)) {
      const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      for (const { parameters = [], operationId } of Object.values(methods)) {
        expect(
          parameters.filter((each) => each.in === 'path').map((each) => each.name),
          operationId,
        ).toEqual(names);
      }
    }
    const references: string[] = [];
    JSON.stringify(document, (key, value: unknown) => {
      if (key === '$ref') references.push(String(value));
      return value;
    });
    expect(references.length).toBeGreaterThan(100);
    for (const reference of new Set(references)) {
      const found = reference
        .split('/')
        .slice(1)
        .reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], document);
      expect(found, reference).toBeDefined();
    }
  });
});
