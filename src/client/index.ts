// What is published as `portcullis/client`. Our own programs import the files themselves.
/* eslint-disable no-restricted-syntax -- a program of others has one name to import from; it is made anew with the operations */
export * from './generated/operations.js';
export { createClient, type Client, type ClientOptions } from './client.js';
export { follow, pagesOf, ProblemError, type PageStart } from './pages.js';
export type { Bytes, Failure, Input, OperationName, Problem, Result, Schema } from './operation-types.js';
