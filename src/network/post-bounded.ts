import { explainFailure } from './explain-failure.js';
import type { Network } from './fetch-bounded.js';
import { FetchError } from './fetch-error.js';
import { checkUrl, judgedAddresses, openRequest, withinTime } from './judged-request.js';

export interface PostOptions {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  /** Of the answer; what is beyond is not read, and no fault. */
  readonly maxAnswerBytes: number;
  /** For all of it: name, connection, headers, body. */
  readonly timeoutMs: number;
  readonly network: Network;
}

/**
 * Posts over https to where `network` allows, with the same care as `fetchBounded`, and gives back the status of the answer,
 * whichever it is: a whole answer came, or more than was read. Follows no redirect, since what is posted is for one address.
 * When this settles, its connection is closed.
 *
 * @throws FetchError for whatever is not as it should be
 */
export async function postBounded(url: URL, options: PostOptions): Promise<{ readonly status: number }> {
  return withinTime(url, options.timeoutMs, async (signal) => {
    checkUrl(url, options.network);
    const addresses = await judgedAddresses(url, options.network, signal);
    const { body, headers } = options;
    const answer = await openRequest(url, addresses, options.network, signal, { method: 'POST', headers, body });
    const { statusCode: status = 0 } = answer;
    if (status >= 300 && status < 400) {
      answer.destroy();
      throw new FetchError('redirect', `${url.host} redirects (status ${status}), which is not followed.`);
    }
    let size = 0;
    try {
      for await (const chunk of answer as AsyncIterable<Buffer>) {
        size += chunk.length;
        // Leaving the loop destroys the connection.
        if (size > options.maxAnswerBytes) break;
      }
    } catch (error) {
      throw explainFailure(error, url.host);
    }
    return { status };
  });
}
