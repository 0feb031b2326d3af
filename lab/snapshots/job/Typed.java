package upshift.lab.state;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.state.KeyedStateStore;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.typeutils.EitherTypeInfo;
import org.apache.flink.api.java.typeutils.ValueTypeInfo;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.types.LongValue;
import org.apache.flink.util.Collector;

/** A state for each of Flink's own serializers in common use. */
final class Typed extends KeyedProcessFunction<Long, Long, Long> implements CheckpointedFunction {
    private static final long serialVersionUID = 1L;

    private transient ValueState<Animal> animal;

    /** A bean with beans, a list, a map, arrays, an enum and a type that no serializer knows. */
    public static class Animal {
        public String name;
        public long age;
        public Size size;
        public Animal parent;
        public List<String> tags;
        public Map<String, Long> weights;
        public int[] counts;
        public Place[] places;
        public StringBuilder notes;
        public java.time.Instant born;
    }

    /** A bean that is known to Flink only when it is met. */
    public static class Dog extends Animal {
        public boolean barks;
    }

    /** A bean in an array. */
    public static class Place {
        public double x;
        public double y;
    }

    /** An enum with a constant of its own class. */
    public enum Size {
        SMALL,
        LARGE {
            @Override
            public String toString() {
                return "very large";
            }
        }
    }

    private static List<TypeInformation<?>> types() {
        List<TypeInformation<?>> all = new ArrayList<>(Arrays.asList(
                Types.BOOLEAN, Types.BYTE, Types.SHORT, Types.CHAR, Types.INT, Types.LONG, Types.FLOAT, Types.DOUBLE,
                Types.STRING, Types.BIG_DEC, Types.BIG_INT, Types.SQL_DATE, Types.SQL_TIME, Types.SQL_TIMESTAMP,
                Types.LOCAL_DATE, Types.LOCAL_TIME, Types.LOCAL_DATE_TIME, Types.INSTANT, Types.VOID));
        all.add(Types.TUPLE(Types.STRING, Types.LONG, Types.TUPLE(Types.INT, Types.POJO(Place.class))));
        all.add(Types.ROW_NAMED(new String[] {"a", "b"}, Types.STRING, Types.ROW(Types.LONG, Types.BIG_DEC)));
        all.add(Types.GENERIC(StringBuilder.class));
        all.add(Types.PRIMITIVE_ARRAY(Types.INT));
        all.add(Types.PRIMITIVE_ARRAY(Types.DOUBLE));
        all.add(Types.OBJECT_ARRAY(Types.POJO(Place.class)));
        all.add(Types.OBJECT_ARRAY(Types.STRING));
        all.add(Types.LIST(Types.MAP(Types.STRING, Types.LIST(Types.LONG))));
        all.add(Types.ENUM(Size.class));
        all.add(new EitherTypeInfo<>(Types.STRING, Types.LONG));
        all.add(ValueTypeInfo.LONG_VALUE_TYPE_INFO);
        all.add(new ValueTypeInfo<>(LongValue.class));
        return all;
    }

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        KeyedStateStore store = context.getKeyedStateStore();
        List<TypeInformation<?>> types = types();
        for (int place = 0; place < types.size(); place++) {
            String name = "type " + place;
            store.getState(new ValueStateDescriptor<>(name, types.get(place)));
            store.getListState(new ListStateDescriptor<>("list of " + name, types.get(place)));
            context.getOperatorStateStore().getListState(new ListStateDescriptor<>("all of " + name, types.get(place)));
        }
        store.getMapState(new MapStateDescriptor<>("map", Types.POJO(Place.class), Types.GENERIC(StringBuilder.class)));
        animal = store.getState(new ValueStateDescriptor<>("animal", TypeInformation.of(Animal.class)));
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) {}

    @Override
    public void processElement(Long number, Context context, Collector<Long> out) throws Exception {
        if (animal.value() == null) {
            Dog dog = new Dog();
            dog.name = "dog " + number;
            dog.size = Size.LARGE;
            dog.tags = new ArrayList<>(List.of("brown"));
            dog.notes = new StringBuilder("barks");
            animal.update(dog);
        }
    }
}
