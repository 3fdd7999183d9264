-- What wrk measured, as one line that a program can read. Times are in microseconds.
done = function(summary, latency, requests)
   local errors = summary.errors
   io.write(string.format(
      '\nRESULT {"requests": %d, "duration": %d, "bytes": %d, "status": %d, "socket": %d, "p50": %d, "p99": %d, "max": %d}\n',
      summary.requests, summary.duration, summary.bytes, errors.status,
      errors.connect + errors.read + errors.write + errors.timeout,
      latency:percentile(50), latency:percentile(99), latency.max))
end
