package upshift.lab.metadata;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.checkpoint.CheckpointProperties;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.state.IncrementalKeyedStateHandle.HandleAndLocalPath;
import org.apache.flink.runtime.state.IncrementalRemoteKeyedStateHandle;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.runtime.state.KeyGroupRangeOffsets;
import org.apache.flink.runtime.state.KeyGroupsSavepointStateHandle;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.OperatorStateHandle.Mode;
import org.apache.flink.runtime.state.OperatorStateHandle.StateMetaInfo;
import org.apache.flink.runtime.state.OperatorStreamStateHandle;
import org.apache.flink.runtime.state.StateHandleID;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.apache.flink.runtime.state.filesystem.FileStateHandle;
import org.apache.flink.runtime.state.filesystem.RelativeFileStateHandle;
import org.apache.flink.runtime.state.memory.ByteStreamStateHandle;

/**
 * Writes a large snapshot metadata file with the serializer of the Flink it runs with: {@code DIRECTORY SHAPE OPERATORS
 * SUBTASKS}. Only the metadata is written; the state files it names do not exist.
 *
 * <p>Shapes: {@code canonical} has a file and the offsets of its key groups for every subtask, {@code incremental}
 * fifteen absolute files, {@code lists} long operator state, {@code inline} its state in the metadata.
 */
public final class Write {
    private static final int KEY_GROUPS = 32768;

    private final SplittableRandom random = new SplittableRandom(7);
    private final Path directory;
    private final String shape;
    private final int subtasks;

    private Write(Path directory, String shape, int subtasks) {
        this.directory = directory;
        this.shape = shape;
        this.subtasks = subtasks;
    }

    public static void main(String[] args) throws Exception {
        java.nio.file.Path out = Files.createDirectories(Paths.get(args[0]));
        Write writer = new Write(new Path(out.toAbsolutePath().toUri()), args[1], Integer.parseInt(args[3]));
        List<OperatorState> operators = new ArrayList<>();
        for (int number = 0; number < Integer.parseInt(args[2]); number++) {
            operators.add(writer.operator(number));
        }
        CheckpointMetadata metadata = new CheckpointMetadata(
                5, operators, Collections.emptyList(),
                CheckpointProperties.forSavepoint(true, SavepointFormatType.CANONICAL));
        try (OutputStream file = Files.newOutputStream(out.resolve("_metadata"));
                DataOutputStream data = new DataOutputStream(new BufferedOutputStream(file, 1 << 20))) {
            store(metadata, data);
        }
    }

    /** The parameter became any output stream between 1.20 and 2.3. */
    private static void store(CheckpointMetadata metadata, DataOutputStream to) throws Exception {
        for (Method method : Checkpoints.class.getMethods()) {
            Class<?>[] takes = method.getParameterTypes();
            boolean fits = takes.length == 2
                    && takes[0] == CheckpointMetadata.class
                    && takes[1].isAssignableFrom(DataOutputStream.class);
            if (method.getName().equals("storeCheckpointMetadata") && fits) {
                method.invoke(null, metadata, to);
                return;
            }
        }
        throw new IOException("this release stores metadata in another way");
    }

    private OperatorState operator(int number) throws Exception {
        OperatorState operator = empty(number);
        if (number % 10 == 0) {
            operator.setCoordinatorState(new ByteStreamStateHandle("coordinator", bytes(200)));
        }
        for (int index = 0; index < subtasks; index++) {
            operator.putState(index, subtask(index));
        }
        return operator;
    }

    /** From 2.0 on an operator has a name and a uid. */
    private OperatorState empty(int number) throws Exception {
        OperatorID id = new OperatorID(random.nextLong(), random.nextLong());
        for (Constructor<?> made : OperatorState.class.getConstructors()) {
            if (made.getParameterCount() == 5) {
                return (OperatorState) made.newInstance("name " + number, "uid-" + number, id, subtasks, KEY_GROUPS);
            }
        }
        return OperatorState.class.getConstructor(OperatorID.class, int.class, int.class)
                .newInstance(id, subtasks, KEY_GROUPS);
    }

    private OperatorSubtaskState subtask(int index) {
        KeyGroupRange groups =
                KeyGroupRangeAssignment.computeKeyGroupRangeForOperatorIndex(KEY_GROUPS, subtasks, index);
        long[] offsets = new long[groups.getNumberOfKeyGroups()];
        long end = 400;
        for (int place = 0; place < offsets.length; place++) {
            offsets[place] = end;
            end += random.nextInt(90_000);
        }
        KeyGroupRangeOffsets ranges = new KeyGroupRangeOffsets(groups, offsets);
        OperatorSubtaskState.Builder state = OperatorSubtaskState.builder();
        switch (shape) {
            case "canonical":
                state.setManagedKeyedState(new KeyGroupsSavepointStateHandle(ranges, beside(end)));
                state.setManagedOperatorState(new OperatorStreamStateHandle(lists(1), beside(2_000)));
                break;
            case "inline":
                state.setManagedKeyedState(new KeyGroupsSavepointStateHandle(ranges, inline()));
                state.setManagedOperatorState(new OperatorStreamStateHandle(lists(1), inline()));
                break;
            case "lists":
                state.setManagedOperatorState(new OperatorStreamStateHandle(lists(64), beside(2_000)));
                break;
            case "incremental":
                state.setManagedKeyedState(incremental(groups, end));
                break;
            default:
                throw new IllegalArgumentException(shape);
        }
        return state.build();
    }

    private IncrementalRemoteKeyedStateHandle incremental(KeyGroupRange groups, long size) {
        List<HandleAndLocalPath> shared = new ArrayList<>();
        for (int file = 0; file < 12; file++) {
            shared.add(HandleAndLocalPath.of(elsewhere("shared"), String.format("%06d.sst", file)));
        }
        List<HandleAndLocalPath> own = new ArrayList<>();
        for (String name : List.of("MANIFEST-000004", "OPTIONS-000007", "CURRENT")) {
            own.add(HandleAndLocalPath.of(elsewhere("chk-5"), name));
        }
        return IncrementalRemoteKeyedStateHandle.restore(
                uuid(), groups, 5, shared, own, elsewhere("chk-5"), size, new StateHandleID(uuid().toString()));
    }

    private Map<String, StateMetaInfo> lists(int partitions) {
        long[] offsets = new long[partitions];
        for (int place = 0; place < partitions; place++) {
            offsets[place] = 100 + 8L * place;
        }
        Map<String, StateMetaInfo> all = new LinkedHashMap<>();
        all.put("spread", new StateMetaInfo(offsets, Mode.SPLIT_DISTRIBUTE));
        all.put("everywhere", new StateMetaInfo(offsets, Mode.UNION));
        all.put("_default_broadcast", new StateMetaInfo(new long[] {900}, Mode.BROADCAST));
        return all;
    }

    private StreamStateHandle beside(long size) {
        String name = uuid().toString();
        return new RelativeFileStateHandle(new Path(directory, name), name, size);
    }

    private StreamStateHandle elsewhere(String folder) {
        String path = "file:/checkpoints/0123456789abcdef0123456789abcdef/" + folder + "/" + uuid();
        return new FileStateHandle(new Path(path), 1_000 + random.nextInt(1 << 26));
    }

    private StreamStateHandle inline() {
        return new ByteStreamStateHandle(uuid().toString(), bytes(1_024));
    }

    private UUID uuid() {
        return new UUID(random.nextLong(), random.nextLong());
    }

    private byte[] bytes(int count) {
        byte[] all = new byte[count];
        for (int place = 0; place < count; place++) {
            all[place] = (byte) random.nextInt();
        }
        return all;
    }
}
