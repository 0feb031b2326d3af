package upshift.lab.snapshots;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.runtime.state.KeyGroupsStateHandle;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.OperatorStateHandle.StateMetaInfo;
import org.apache.flink.runtime.state.StreamStateHandle;

/** What Flink's state handles say of themselves; what is behind them is said by {@link Headers}. */
final class Handles {
    private Handles() {}

    static Json.Obj keyed(KeyedStateHandle handle, boolean managed) throws Exception {
        String kind = handle.getClass().getSimpleName();
        Json.Obj said = new Json.Obj()
                .with("handle", kind)
                .with("state_bytes", handle.getStateSize())
                .with("key_groups", List.of(
                        handle.getKeyGroupRange().getStartKeyGroup(), handle.getKeyGroupRange().getEndKeyGroup()));
        if (handle instanceof KeyGroupsStateHandle) {
            StreamStateHandle stream = ((KeyGroupsStateHandle) handle).getDelegateStateHandle();
            said.with("stream", stream(stream));
            if (managed) {
                Headers.keyed(stream, said);
            }
        } else if (kind.equals("IncrementalRemoteKeyedStateHandle")) {
            incremental(handle, said);
        } else if (kind.startsWith("ChangelogStateBackendHandle")) {
            said.with("materialized", all(handle, "getMaterializedStateHandles"))
                    .with("changes", all(handle, "getNonMaterializedStateHandles"))
                    .with("materialization_id", Ask.of(handle, "getMaterializationID"))
                    .with("checkpoint_id", Ask.maybe(handle, "getCheckpointId"));
        } else if (kind.equals("ChangelogStateHandleStreamImpl")) {
            streams(handle, said);
        } else if (kind.equals("InMemoryChangelogStateHandle")) {
            said.with("from", Ask.of(handle, "getFrom"))
                    .with("to", Ask.of(handle, "getTo"))
                    .with("count", ((Collection<?>) Ask.of(handle, "getChanges")).size());
        } else {
            throw new IllegalStateException("no account of a " + kind);
        }
        return said;
    }

    private static List<Object> all(Object handle, String question) throws Exception {
        List<Object> said = new ArrayList<>();
        for (Object one : (Collection<?>) Ask.of(handle, question)) {
            said.add(keyed((KeyedStateHandle) one, true));
        }
        return said;
    }

    private static void streams(Object handle, Json.Obj said) throws Exception {
        List<Object> streams = new ArrayList<>();
        for (Object one : (Collection<?>) Ask.of(handle, "getHandlesAndOffsets")) {
            StreamStateHandle stream = (StreamStateHandle) Ask.field(one, "f0");
            streams.add(new Json.Obj().with("offset", Ask.field(one, "f1")).with("stream", stream(stream)));
        }
        said.with("streams", streams).with("storage", Ask.maybe(handle, "getStorageIdentifier"));
    }

    private static void incremental(Object handle, Json.Obj said) throws Exception {
        said.with("backend_id", Ask.of(handle, "getBackendIdentifier"))
                .with("checkpoint_id", Ask.of(handle, "getCheckpointId"))
                .with("shared", files(Ask.of(handle, "getSharedState")))
                .with("private", files(Ask.of(handle, "getPrivateState")));
        String question = Ask.knows(handle, "getMetaDataStateHandle") ? "getMetaDataStateHandle" : "getMetaStateHandle";
        StreamStateHandle meta = (StreamStateHandle) Ask.of(handle, question);
        said.with("stream", stream(meta));
        Headers.keyed(meta, said);
    }

    /** A map of ids to handles up to 1.17, a list of handles with their paths from 1.18 on. */
    private static List<Object> files(Object files) throws Exception {
        Map<String, Object> named = new TreeMap<>();
        if (files instanceof Map) {
            for (Map.Entry<?, ?> one : ((Map<?, ?>) files).entrySet()) {
                named.put(one.getKey().toString(), one.getValue());
            }
        } else {
            for (Object one : (Collection<?>) files) {
                named.put((String) Ask.of(one, "getLocalPath"), Ask.of(one, "getHandle"));
            }
        }
        List<Object> said = new ArrayList<>();
        for (Map.Entry<String, Object> one : named.entrySet()) {
            said.add(new Json.Obj()
                    .with("name", one.getKey())
                    .with("stream", stream((StreamStateHandle) one.getValue())));
        }
        return said;
    }

    static Json.Obj operator(OperatorStateHandle handle, boolean managed) throws Exception {
        Json.Obj partitions = new Json.Obj();
        for (Map.Entry<String, StateMetaInfo> one :
                new TreeMap<>(handle.getStateNameToPartitionOffsets()).entrySet()) {
            partitions.with(one.getKey(), new Json.Obj()
                    .with("mode", one.getValue().getDistributionMode())
                    .with("partitions", one.getValue().getOffsets().length));
        }
        StreamStateHandle stream = handle.getDelegateStateHandle();
        Json.Obj said = new Json.Obj()
                .with("handle", handle.getClass().getSimpleName())
                .with("state_bytes", handle.getStateSize())
                .with("stream", stream(stream))
                .with("partitions", partitions);
        for (String directory : List.of("getTaskOwnedDirHandle", "getSharedDirHandle")) {
            if (Ask.knows(handle, directory)) {
                said.with(directory, Ask.of(Ask.of(handle, directory), "getDirectory").toString());
            }
        }
        if (managed && stream.getStateSize() > 0) {
            Headers.operator(stream, said);
        }
        return said;
    }

    static Json.Obj channel(Object handle) throws Exception {
        Json.Obj said = new Json.Obj()
                .with("handle", handle.getClass().getSimpleName())
                .with("state_bytes", Ask.of(handle, "getStateSize"))
                .with("subtask", Ask.of(handle, "getSubtaskIndex"))
                .with("stream", stream((StreamStateHandle) Ask.of(handle, "getDelegate")));
        if (Ask.knows(handle, "getUnmergedHandles")) {
            List<Object> parts = new ArrayList<>();
            for (Object one : (Collection<?>) Ask.of(handle, "getUnmergedHandles")) {
                parts.add(channel(one));
            }
            return said.with("channels", parts);
        }
        List<Object> place = new ArrayList<>();
        Object info = Ask.of(handle, "getInfo");
        for (String index : List.of("getGateIdx", "getInputChannelIdx", "getPartitionIdx", "getSubPartitionIdx")) {
            if (Ask.knows(info, index)) {
                place.add(Ask.of(info, index));
            }
        }
        return said.with("place", place).with("offsets", Ask.of(handle, "getOffsets"));
    }

    static Json.Obj stream(StreamStateHandle stream) throws Exception {
        String kind = stream.getClass().getSimpleName();
        Json.Obj said = new Json.Obj().with("class", kind).with("bytes", stream.getStateSize());
        if (kind.equals("RelativeFileStateHandle")) {
            said.with("relative", Ask.of(stream, "getRelativePath"));
        } else if (kind.equals("FileStateHandle")) {
            said.with("path", Ask.of(stream, "getFilePath").toString());
        } else if (kind.equals("SegmentFileStateHandle")) {
            said.with("path", Ask.of(stream, "getFilePath").toString())
                    .with("start", Ask.of(stream, "getStartPos"))
                    .with("scope", Ask.of(stream, "getScope").toString())
                    .with("logical", Ask.of(stream, "getLogicalFileId").toString());
        } else if (kind.equals("ByteStreamStateHandle")) {
            said.with("inline", true);
        } else if (!kind.equals("EmptySegmentFileStateHandle")) {
            throw new IllegalStateException("no account of a " + kind);
        }
        return said;
    }
}
