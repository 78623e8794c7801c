"""What goes wrong on a good day, and how programs and senders deal with it: for the present and the past."""

from collector.demo.services import Latency

#: The share of requests to an API that fail, and of deliveries that are signed by somebody else, on a good
#: day at its busiest. Both fall with the load: systems fail when they are used.
CALLS_FAILING = 0.008
DELIVERIES_UNVERIFIED = 0.005
#: What a failing request is answered, and its share.
CALL_FAILURES = ((502, "Bad Gateway", 0.7), (500, "Internal Server Error", 0.3))
#: How the programs repeat a call: at most so often, after so many seconds and more each time.
RETRIES, RETRY_BASE_SECONDS = 2, 0.3
#: How their circuit breakers are set.
BREAKER_FAILURES, BREAKER_SECONDS = 3, 10.0

#: The share of deliveries that come twice, and of those that come long after they were signed.
DELIVERIES_REPEATED = 0.01
DELIVERIES_STALE = 0.001
STALE_SECONDS = 640
#: A delivery that was not taken is sent again after this many seconds.
RESEND_SECONDS = 20.0

#: The application that processes the deliveries: how long it takes, and the share that it fails over, or
#: takes so long for that their sender does not wait, at its busiest.
PROCESSING = Latency(24, 0.5, 0.4)
PROCESSING_FAILING = 0.006
PROCESSING_LATE = 0.0015
