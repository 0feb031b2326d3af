package upshift.lab.snapshots;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.MasterState;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.OperatorStateHandle;

/**
 * Prints as JSON what the Flink it runs with reads from the snapshot in a directory: {@code DIRECTORY}. The account that
 * upshift's own reader is compared with.
 */
public final class Account {
    private static final ClassLoader LOADER = Account.class.getClassLoader();

    private Account() {}

    public static void main(String[] args) throws Exception {
        Path directory = Paths.get(args[0]).toAbsolutePath();
        System.out.println(Json.text(of(directory)));
    }

    private static Json.Obj of(Path directory) throws Exception {
        Path file = directory.resolve("_metadata");
        int version;
        try (DataInputStream data = new DataInputStream(Files.newInputStream(file))) {
            data.readInt();
            version = data.readInt();
        }
        CheckpointMetadata metadata;
        try (InputStream bytes = new BufferedInputStream(Files.newInputStream(file))) {
            metadata = Checkpoints.loadCheckpointMetadata(new DataInputStream(bytes), LOADER, "file:" + directory);
        }
        List<Object> hooks = new ArrayList<>();
        for (MasterState hook : metadata.getMasterStates()) {
            hooks.add(new Json.Obj().with("name", hook.name()).with("version", hook.version()).with("bytes", hook.bytes().length));
        }
        List<Object> operators = new ArrayList<>();
        for (OperatorState operator : metadata.getOperatorStates()) {
            operators.add(operator(operator));
        }
        return new Json.Obj()
                .with("metadata_version", version)
                .with("checkpoint_id", metadata.getCheckpointId())
                .with("properties", text(Ask.maybe(metadata, "getCheckpointProperties")))
                .with("master_states", hooks)
                .with("operators", operators);
    }

    private static Json.Obj operator(OperatorState operator) throws Exception {
        List<Object> subtasks = new ArrayList<>();
        for (Map.Entry<Integer, OperatorSubtaskState> one : new TreeMap<>(operator.getSubtaskStates()).entrySet()) {
            subtasks.add(subtask(one.getKey(), one.getValue()));
        }
        Object coordinator = operator.getCoordinatorState();
        return new Json.Obj()
                .with("operator_id", operator.getOperatorID().toHexString())
                .with("name", text(Ask.maybe(operator, "getOperatorName")))
                .with("uid", text(Ask.maybe(operator, "getOperatorUid")))
                .with("parallelism", operator.getParallelism())
                .with("max_parallelism", operator.getMaxParallelism())
                .with("coordinator_state_bytes", coordinator == null ? null : Ask.of(coordinator, "getStateSize"))
                .with("fully_finished", operator.isFullyFinished())
                .with("state_bytes", operator.getStateSize())
                .with("subtasks", subtasks);
    }

    private static Json.Obj subtask(int index, OperatorSubtaskState state) throws Exception {
        return new Json.Obj()
                .with("subtask", index)
                .with("finished", state.isFinished())
                .with("state_bytes", state.getStateSize())
                .with("managed_keyed", keyed(state.getManagedKeyedState(), true))
                .with("raw_keyed", keyed(state.getRawKeyedState(), false))
                .with("managed_operator", operators(state.getManagedOperatorState(), true))
                .with("raw_operator", operators(state.getRawOperatorState(), false))
                .with("input_channel", channels(state.getInputChannelState()))
                .with("result_subpartition", channels(state.getResultSubpartitionState()));
    }

    private static List<Object> keyed(Collection<KeyedStateHandle> handles, boolean managed) throws Exception {
        List<Object> all = new ArrayList<>();
        for (KeyedStateHandle handle : handles) {
            all.add(Handles.keyed(handle, managed));
        }
        return all;
    }

    private static List<Object> operators(Collection<OperatorStateHandle> handles, boolean managed) throws Exception {
        List<Object> all = new ArrayList<>();
        for (OperatorStateHandle handle : handles) {
            all.add(Handles.operator(handle, managed));
        }
        return all;
    }

    private static List<Object> channels(Collection<?> handles) throws Exception {
        List<Object> all = new ArrayList<>();
        for (Object handle : handles) {
            all.add(Handles.channel(handle));
        }
        return all;
    }

    private static String text(Object object) {
        return object == null ? null : object.toString();
    }
}
