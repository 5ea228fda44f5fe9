// Asks a server for as long and by as many connections as it is told, in a process of its own, and prints what came: the requests
// a second, and how often each status. Its one argument is JSON: { url, requests, connections, seconds }.
import autocannon from 'autocannon';

const { url, requests, connections, seconds } = JSON.parse(process.argv[2]);
const {
  requests: done,
  statusCodeStats,
  errors,
  timeouts,
} = await autocannon({
  url,
  requests,
  connections,
  duration: seconds,
});
const statuses = Object.fromEntries(Object.entries(statusCodeStats).map(([status, { count }]) => [status, count]));
console.log(JSON.stringify({ perSecond: done.average, statuses, failed: errors + timeouts }));
