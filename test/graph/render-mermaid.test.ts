// A picture that doesn't parse is no picture: names are the user's, and may hold anything.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileJobGraph } from '../../src/graph/compile-job-graph.ts';
import { renderMermaid } from '../../src/graph/render-mermaid.ts';
import { graphOf } from './graph-of.ts';
import { flightsGraph } from './rendered-graph.ts';

interface Flowchart {
  readonly title: string;
  /** By id. */
  readonly boxes: ReadonlyMap<string, { readonly label: string; readonly subgraph: string }>;
  readonly arrows: readonly (readonly [string, string | undefined, string])[];
}

const label = '"((?:[^"#<>]|#\\d+;|<br/>)+)"';
const box = new RegExp(`^ {4}(\\w+)(?:\\(\\[${label}\\]\\)|\\[\\[${label}\\]\\]|\\[\\(${label}\\)\\]|\\[${label}\\])$`);
const subgraph = new RegExp(`^ {2}subgraph (\\w+)\\[${label}\\]$`);
const arrow = /^ +(\w+) -->(?:\|(\w+)\|)? (\w+)$/;

const unescaped = (text: string): string =>
  text.replace('<br/>', ' / ').replace(/#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));

/** The part of Mermaid's flowchart grammar that is needed, and not a line more. */
function parseFlowchart(text: string): Flowchart {
  const lines = text.split('\n');
  const [open, title, close, kind] = lines.splice(0, 4);
  expect([open, close, kind]).toEqual(['---', '---', 'flowchart LR']);
  const boxes = new Map<string, { label: string; subgraph: string }>();
  const arrows: (readonly [string, string | undefined, string])[] = [];
  let inside: string | undefined;
  for (const line of lines) {
    const opened = subgraph.exec(line);
    const [, id, ...labels] = box.exec(line) ?? [];
    const linked = arrow.exec(line);
    if (opened !== null) {
      expect(inside, 'subgraphs are not nested').toBe(undefined);
      inside = unescaped(opened[2]!);
    } else if (line === '  end') inside = undefined;
    else if (id !== undefined) boxes.set(id, { label: unescaped(labels.find((each) => each !== undefined)!), subgraph: inside! });
    else if (linked !== null) arrows.push([linked[1]!, linked[2], linked[3]!]);
    else throw new Error(`This is no line of a flowchart: ${JSON.stringify(line)}`);
  }
  expect(inside).toBe(undefined);
  for (const [from, , to] of arrows) expect(boxes.has(from) && boxes.has(to)).toBe(true);
  return { title: JSON.parse(title!.replace(/^title: /, '')) as string, boxes, arrows };
}

test('vertices are boxes around their operators, and arrows say how records are partitioned', () => {
  expect(renderMermaid(compileJobGraph(flightsGraph))).toMatchInlineSnapshot(`
    "---
    title: "sketch"
    ---
    flowchart LR
      subgraph vertex0["parallelism 3 of at most 128"]
        operator0(["Source: flights<br/>uid flights"])
        operator1["Filter<br/>no uid"]
        operator0 --> operator1
      end
      subgraph vertex1["parallelism 3 of at most 13"]
        operator2[("KeyedProcess<br/>uid delays")]
        operator3[["Sink: result<br/>uid result"]]
        operator2 --> operator3
      end
      subgraph vertex2["parallelism 1 of at most 128"]
        operator4[["Sink: late<br/>no uid"]]
      end
      operator1 -->|hash| operator2
      operator1 -->|rebalance| operator4"
  `);
});

test('it parses whatever the names hold, with every operator and every edge', () => {
  const name = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1 }),
    fc.constantFrom('"]', '</b>', 'end', '#quot;', '`**bold**`', 'a\nb', '--> |x|'),
  );
  fc.assert(
    fc.property(name, name, (first, second) => {
      const graph = compileJobGraph({
        ...graphOf({}, { name: `Map ${first}`, uid: `uid-${second}`, inputs: [{ source: 0, partitioning: 'shuffle' }] }, {}),
        jobName: `job ${second}`,
      });
      const chart = parseFlowchart(renderMermaid(graph));
      expect(chart.boxes.size).toBe(3);
      expect(chart.arrows).toEqual([
        ['operator1', undefined, 'operator2'],
        ['operator0', 'shuffle', 'operator1'],
      ]);
      const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim();
      expect(chart.title).toBe(oneLine(`job ${second}`));
      expect(chart.boxes.get('operator1')!.label).toBe(`${oneLine(`Map ${first}`)} / uid ${oneLine(`uid-${second}`)}`);
    }),
    { seed: 20_010_102, numRuns: 300 },
  );
});
