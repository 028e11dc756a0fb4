package interop;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.DefaultLifecycleProcessor;
import org.springframework.kafka.annotation.EnableKafkaRetryTopic;
import org.springframework.kafka.config.ConcurrentKafkaListenerContainerFactory;
import org.springframework.kafka.core.ConsumerFactory;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.core.DefaultKafkaProducerFactory;
import org.springframework.kafka.core.KafkaAdmin;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.core.ProducerFactory;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;

/** An ordinary application of Spring Kafka, without Boot. Properties of the system: brokers, prefix. */
@Configuration(proxyBeanMethods = false)
@EnableKafkaRetryTopic
public class App {
    /** ms */
    private static final long PATIENCE = 100_000;

    public static void main(String[] args) {
        new AnnotationConfigApplicationContext(App.class, Listeners.class).registerShutdownHook();
        new Report("ready").print();
    }

    private static Map<String, Object> brokers() {
        return new HashMap<>(Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, System.getProperty("brokers")));
    }

    /** So that containers end in order on the slowest machine, too. */
    @Bean
    static DefaultLifecycleProcessor lifecycleProcessor() {
        var processor = new DefaultLifecycleProcessor();
        processor.setTimeoutPerShutdownPhase(PATIENCE);
        return processor;
    }

    @Bean
    KafkaAdmin kafkaAdmin() {
        return new KafkaAdmin(brokers());
    }

    @Bean
    ProducerFactory<byte[], byte[]> producerFactory() {
        return new DefaultKafkaProducerFactory<>(brokers(), new ByteArraySerializer(), new ByteArraySerializer());
    }

    @Bean
    KafkaTemplate<byte[], byte[]> kafkaTemplate(ProducerFactory<byte[], byte[]> factory) {
        return new KafkaTemplate<>(factory);
    }

    @Bean
    ConsumerFactory<byte[], byte[]> consumerFactory() {
        Map<String, Object> config = brokers();
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        return new DefaultKafkaConsumerFactory<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    @Bean
    ConcurrentKafkaListenerContainerFactory<byte[], byte[]> kafkaListenerContainerFactory(
            ConsumerFactory<byte[], byte[]> factory) {
        var containers = new ConcurrentKafkaListenerContainerFactory<byte[], byte[]>();
        containers.setConsumerFactory(factory);
        containers.getContainerProperties().setShutdownTimeout(PATIENCE);
        return containers;
    }

    @Bean
    TaskScheduler taskScheduler() {
        return new ThreadPoolTaskScheduler();
    }
}
