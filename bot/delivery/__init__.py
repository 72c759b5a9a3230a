"""The outbox: plan, decide, pace, send, recall. One post, each follower once, in order."""
