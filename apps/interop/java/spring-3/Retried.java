package interop;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import org.springframework.retry.annotation.Backoff;
import org.springframework.kafka.annotation.RetryableTopic;
import org.springframework.kafka.retrytopic.SameIntervalTopicReuseStrategy;
import org.springframework.kafka.retrytopic.TopicSuffixingStrategy;

/** Spring's ways to name retry topics, as version 3 wants them written. */
final class Retried {
    private Retried() {}

    /** Spring's defaults. */
    @Retention(RetentionPolicy.RUNTIME)
    @RetryableTopic(attempts = "3", backoff = @Backoff(delay = 5000))
    @interface Single {}

    @Retention(RetentionPolicy.RUNTIME)
    @RetryableTopic(
            attempts = "3",
            numPartitions = "2",
            backoff = @Backoff(delay = 5000),
            topicSuffixingStrategy = TopicSuffixingStrategy.SUFFIX_WITH_INDEX_VALUE,
            sameIntervalTopicReuseStrategy = SameIntervalTopicReuseStrategy.MULTIPLE_TOPICS)
    @interface Index {}

    @Retention(RetentionPolicy.RUNTIME)
    @RetryableTopic(
            attempts = "3",
            numPartitions = "2",
            backoff = @Backoff(delay = 5000, multiplier = 1.1),
            sameIntervalTopicReuseStrategy = SameIntervalTopicReuseStrategy.MULTIPLE_TOPICS)
    @interface Delay {}
}
