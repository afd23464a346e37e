import type { Manifest } from '../../protocol/manifest.ts';
import type { Portable } from '../../values/portable.ts';
import type { ObjectObserver } from '../simulated-object-store.ts';
import type { Violations } from './violations.ts';

/**
 * Invariant 4, for sinks that stage objects and publish them: nothing is visible before the commit that lists it, a name
 * is given to one staged object only, and in the end all that was committed is visible.
 */
export class OutputChecker implements ObjectObserver {
  readonly #violations: Violations;
  /** All texts in committed committables: the names of staged objects are among them. */
  readonly #committed = new Set<string>();
  readonly #published = new Map<string, string>();
  readonly #visible = new Set<string>();

  readonly #isOfAnotherJob: (stagedUri: string) => boolean;

  /** Where several jobs run, each has a checker that knows its commits alone. */
  constructor(violations: Violations, isOfAnotherJob: (stagedUri: string) => boolean = () => false) {
    this.#violations = violations;
    this.#isOfAnotherJob = isOfAnotherJob;
  }

  onCommitted(manifest: Manifest): void {
    for (const vertex of manifest.vertices) {
      for (const subtask of vertex.subtasks) {
        for (const { items } of subtask.committables) for (const item of items) for (const text of textsOf(item)) this.#committed.add(text);
      }
    }
  }

  onPublish({ stagedUri, finalUri }: { readonly stagedUri: string; readonly finalUri: string }): void {
    const committed = this.#committed.has(stagedUri) || this.#isOfAnotherJob(stagedUri);
    this.#violations.expect(committed, 4, () => `${finalUri} became visible before the commit of ${stagedUri}`);
    const before = this.#published.get(finalUri);
    this.#violations.expect(
      before === undefined || before === stagedUri,
      4,
      () => `${finalUri} was given to ${before} and to ${stagedUri}`,
    );
    this.#published.set(finalUri, stagedUri);
    this.#visible.add(stagedUri);
  }

  /** Once effects are clear. */
  checkEnd(manifests: readonly Manifest[]): void {
    for (const manifest of manifests) {
      for (const vertex of manifest.vertices) {
        for (const subtask of vertex.subtasks) {
          for (const { items } of subtask.committables)
            for (const item of items)
              this.#checkVisible(item, `${vertex.name} subtask ${subtask.subtask} at checkpoint ${manifest.checkpoint}`);
        }
      }
    }
  }

  #checkVisible(committable: Portable, where: string): void {
    const texts = [...textsOf(committable)];
    this.#violations.expect(
      texts.some((text) => this.#visible.has(text)),
      4,
      () => `what ${where} committed never became visible: ${texts.join(', ')}`,
    );
  }
}

function* textsOf(value: Portable): Iterable<string> {
  if (typeof value === 'string') yield value;
  if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) yield* textsOf(inner as Portable);
}
