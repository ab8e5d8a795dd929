/** Why a question got no answer: a sentence for the reader. */
export class NoAnswerError extends Error {}

const ANSWER_TIMEOUT_MS = 10_000;

/**
 * Ask the dashboard's REST API.
 *
 * @throws NoAnswerError where it does not answer, or answers that it cannot.
 */
export async function getJson(address: URL): Promise<unknown> {
  let answer: Response;
  try {
    answer = await fetch(address, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
  } catch (error) {
    const late = error instanceof DOMException && error.name === 'TimeoutError';
    throw new NoAnswerError(
      late
        ? `the dashboard has not answered for ${ANSWER_TIMEOUT_MS / 1000} s`
        : 'the dashboard cannot be reached',
    );
  }
  const content: unknown = await answer.json().catch(() => null);
  if (answer.ok && content !== null) return content;
  const said = (content as { error?: unknown } | null)?.error;
  throw new NoAnswerError(typeof said === 'string' ? said : `the dashboard answered ${answer.status}`);
}
