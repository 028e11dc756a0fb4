package interop;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.springframework.kafka.annotation.DltHandler;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.retrytopic.RetryTopicHeaders;
import org.springframework.kafka.support.KafkaHeaders;
import org.springframework.messaging.handler.annotation.Header;

/** One listener for each way to name retry topics, each of a topic where Spring comes first, and of one where velo does. */
public class Listeners {
    private static final String ATTEMPTS = RetryTopicHeaders.DEFAULT_HEADER_ATTEMPTS;
    private static final String DUE = RetryTopicHeaders.DEFAULT_HEADER_BACKOFF_TIMESTAMP;

    @Retried.Single
    @KafkaListener(topics = {"${prefix}-spring-single", "${prefix}-velo-single"}, groupId = "${prefix}-single")
    public void single(
            ConsumerRecord<byte[], byte[]> record,
            @Header(name = ATTEMPTS, required = false) Integer attempt,
            @Header(name = DUE, required = false) byte[] due) {
        handle(record, attempt, due);
    }

    @Retried.Index
    @KafkaListener(topics = {"${prefix}-spring-index", "${prefix}-velo-index"}, groupId = "${prefix}-index")
    public void index(
            ConsumerRecord<byte[], byte[]> record,
            @Header(name = ATTEMPTS, required = false) Integer attempt,
            @Header(name = DUE, required = false) byte[] due) {
        handle(record, attempt, due);
    }

    @Retried.Delay
    @KafkaListener(topics = {"${prefix}-spring-delay", "${prefix}-velo-delay"}, groupId = "${prefix}-delay")
    public void delay(
            ConsumerRecord<byte[], byte[]> record,
            @Header(name = ATTEMPTS, required = false) Integer attempt,
            @Header(name = DUE, required = false) byte[] due) {
        handle(record, attempt, due);
    }

    /** Asks for what Spring's own dead letters have; without one of them it throws, and the record is sent to the DLT again. */
    @DltHandler
    public void deadLetter(
            ConsumerRecord<byte[], byte[]> record,
            @Header(KafkaHeaders.ORIGINAL_TOPIC) String topic,
            @Header(KafkaHeaders.ORIGINAL_PARTITION) int partition,
            @Header(KafkaHeaders.ORIGINAL_OFFSET) long offset,
            @Header(KafkaHeaders.ORIGINAL_TIMESTAMP) long timestamp,
            @Header(KafkaHeaders.ORIGINAL_TIMESTAMP_TYPE) String timestampType,
            @Header(KafkaHeaders.ORIGINAL_CONSUMER_GROUP) String group,
            @Header(KafkaHeaders.EXCEPTION_FQCN) String exception,
            @Header(KafkaHeaders.EXCEPTION_MESSAGE) String message,
            @Header(ATTEMPTS) int attempts) {
        about("dead letter", record)
                .with("originalTopic", topic)
                .with("originalPartition", partition)
                .with("originalOffset", offset)
                .with("originalTimestamp", timestamp)
                .with("originalTimestampType", timestampType)
                .with("originalGroup", group)
                .with("exception", exception)
                .with("message", message)
                .with("attempts", attempts)
                .print();
    }

    /** Values say what becomes of their records: `pass`, `pass at 2` (the attempt), all others fail. */
    private static void handle(ConsumerRecord<byte[], byte[]> record, Integer given, byte[] due) {
        int attempt = given == null ? 1 : given;
        Report report = about("attempt", record).with("attempt", attempt);
        if (due != null) report.with("due", new BigInteger(due).longValueExact());
        report.print();
        String value = text(record.value());
        if (!value.equals("pass") && !value.equals("pass at " + attempt)) throw new IllegalStateException("no: " + value);
    }

    private static Report about(String what, ConsumerRecord<byte[], byte[]> record) {
        return new Report(what)
                .with("at", System.currentTimeMillis())
                .with("topic", record.topic())
                .with("value", text(record.value()))
                .with("key", record.key() == null ? null : text(record.key()))
                .with("bytes", hex(record.headers().lastHeader("bytes").value()));
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static String hex(byte[] bytes) {
        return java.util.HexFormat.of().formatHex(bytes);
    }
}
