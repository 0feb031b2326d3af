package upshift.lab.snapshots;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.memory.DataInputViewStreamWrapper;
import org.apache.flink.runtime.state.KeyedBackendSerializationProxy;
import org.apache.flink.runtime.state.OperatorBackendSerializationProxy;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot;

/** What stands in the state headers, as Flink's own classes read them. */
final class Headers {
    private static final ClassLoader LOADER = Headers.class.getClassLoader();

    private Headers() {}

    static void keyed(StreamStateHandle stream, Json.Obj said) throws Exception {
        KeyedBackendSerializationProxy<Object> header = new KeyedBackendSerializationProxy<>(LOADER);
        try (FSDataInputStream bytes = stream.openInputStream()) {
            header.read(new DataInputViewStreamWrapper(bytes));
            said.with("header_bytes", bytes.getPos());
        }
        said.with("proxy_version", header.getReadVersion())
                .with("compressed", header.isUsingKeyGroupCompression())
                .with("key_serializer", serializer(header.getKeySerializerSnapshot()))
                .with("states", states(header.getStateMetaInfoSnapshots()));
    }

    static void operator(StreamStateHandle stream, Json.Obj said) throws Exception {
        OperatorBackendSerializationProxy header = new OperatorBackendSerializationProxy(LOADER);
        try (FSDataInputStream bytes = stream.openInputStream()) {
            header.read(new DataInputViewStreamWrapper(bytes));
            said.with("header_bytes", bytes.getPos());
        }
        said.with("proxy_version", header.getReadVersion())
                .with("states", states(header.getOperatorStateMetaInfoSnapshots()))
                .with("broadcast_states", states(header.getBroadcastStateMetaInfoSnapshots()));
    }

    private static List<Object> states(Collection<StateMetaInfoSnapshot> snapshots) throws Exception {
        List<Object> all = new ArrayList<>();
        for (StateMetaInfoSnapshot one : snapshots) {
            Json.Obj options = new Json.Obj();
            new TreeMap<>(one.getOptionsImmutable()).forEach(options::with);
            Json.Obj serializers = new Json.Obj();
            for (Map.Entry<String, TypeSerializerSnapshot<?>> role :
                    new TreeMap<>(one.getSerializerSnapshotsImmutable()).entrySet()) {
                serializers.with(role.getKey(), serializer(role.getValue()));
            }
            all.add(new Json.Obj()
                    .with("name", one.getName())
                    .with("backend_state_type", one.getBackendStateType())
                    .with("options", options)
                    .with("serializers", serializers));
        }
        return all;
    }

    private static Json.Obj serializer(TypeSerializerSnapshot<?> snapshot) throws Exception {
        Json.Obj said = new Json.Obj()
                .with("snapshot", snapshot.getClass().getName())
                .with("snapshot_version", snapshot.getCurrentVersion());
        List<Object> nested = nested(snapshot);
        return nested == null ? said : said.with("nested", nested);
    }

    /** The parts of a composite and the fields of a bean; null of what has none, or keeps them in a way of its own. */
    private static List<Object> nested(TypeSerializerSnapshot<?> snapshot) throws Exception {
        Object parts;
        try {
            Object delegate = Ask.field(snapshot, "nestedSerializersSnapshotDelegate");
            parts = delegate == null ? null : Ask.of(delegate, "getNestedSerializerSnapshots");
        } catch (NoSuchFieldException none) {
            return snapshot.getClass().getSimpleName().equals("PojoSerializerSnapshot") ? fields(snapshot) : null;
        }
        if (parts == null) {
            return null;
        }
        List<Object> all = new ArrayList<>();
        for (Object part : (Object[]) parts) {
            all.add(serializer((TypeSerializerSnapshot<?>) part));
        }
        return all;
    }

    private static List<Object> fields(Object snapshot) throws Exception {
        Object map = Ask.of(Ask.field(snapshot, "snapshotData"), "getFieldSerializerSnapshots");
        List<Object> all = new ArrayList<>();
        for (Map.Entry<?, ?> one : ((Map<?, ?>) Ask.field(map, "underlyingMap")).entrySet()) {
            Object value = Ask.field(one.getValue(), "value");
            all.add(new Json.Obj()
                    .with("field", one.getKey())
                    .with("serializer", value == null ? null : serializer((TypeSerializerSnapshot<?>) value)));
        }
        return all;
    }
}
