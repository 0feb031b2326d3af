package upshift.lab.state;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.runtime.checkpoint.MasterTriggerRestoreHook;
import org.apache.flink.streaming.api.checkpoint.WithMasterCheckpointHook;

/** Lets everything pass; its hook in the job manager keeps a state of its own in every checkpoint. */
final class Hooked implements MapFunction<Long, Long>, WithMasterCheckpointHook<String> {
    private static final long serialVersionUID = 1L;

    @Override
    public Long map(Long number) {
        return number;
    }

    @Override
    public MasterTriggerRestoreHook<String> createMasterTriggerRestoreHook() {
        return new Hook();
    }

    private static final class Hook implements MasterTriggerRestoreHook<String> {
        @Override
        public String getIdentifier() {
            return "upshift lab hook \u00e4\u4e2d";
        }

        @Override
        public CompletableFuture<String> triggerCheckpoint(long checkpoint, long timestamp, Executor executor) {
            return CompletableFuture.completedFuture("kept by the hook for checkpoint " + checkpoint);
        }

        @Override
        public void restoreCheckpoint(long checkpoint, String kept) {}

        @Override
        public SimpleVersionedSerializer<String> createCheckpointDataSerializer() {
            return new KeptSerializer();
        }
    }

    private static final class KeptSerializer implements SimpleVersionedSerializer<String> {
        @Override
        public int getVersion() {
            return 77;
        }

        @Override
        public byte[] serialize(String kept) {
            return kept.getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public String deserialize(int version, byte[] bytes) {
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }
}
