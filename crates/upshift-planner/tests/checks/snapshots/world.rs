//! Snapshots and jobs that the tests of snapshots change.

use upshift_model::flink::*;
use upshift_model::observed::Observed::Known;

use crate::support::World;
use crate::support::world::operator_of_graph;

pub(crate) fn counter(world: &mut World) -> &mut SnapshotOperator {
    &mut world.snapshot().operators[1]
}

pub(crate) fn to_2_3(world: &mut World) {
    world.target().version = "2.3.0".parse().expect("a version");
    world.facts.host.target_java = Known(JavaFacts {
        feature: 17,
        path: "/usr/bin/java".into(),
    });
}

/// The value of the counter is written with this serializer.
pub(crate) fn value(world: &mut World, kind: SerializerKind) {
    let class = match &kind {
        SerializerKind::Kryo { .. } => "kryo.KryoSerializerSnapshot",
        SerializerKind::Pojo { .. } => "PojoSerializerSnapshot",
        _ => "shop.MoneySnapshot",
    };
    let shape = SerializerShape {
        snapshot_class: class.to_owned(),
        kind,
    };
    let state = &mut counter(world).states[0];
    state.serializers.insert("VALUE_SERIALIZER".to_owned(), shape);
}

pub(crate) fn kryo(class: &str) -> SerializerShape {
    SerializerShape {
        snapshot_class: "kryo.KryoSerializerSnapshot".into(),
        kind: SerializerKind::Kryo { class: class.into() },
    }
}

pub(crate) fn bean(fields: &[(&str, SerializerShape)]) -> SerializerKind {
    SerializerKind::Pojo {
        class: "shop.Order".into(),
        fields: fields
            .iter()
            .map(|(name, shape)| ((*name).to_owned(), Some(shape.clone())))
            .collect(),
    }
}

/// The jar's own graph: these operators and no other.
pub(crate) fn wanted(world: &mut World, operators: Vec<GraphOperator>) {
    let graphs = world.facts.graphs.get_mut("orders").expect("looked at");
    graphs.wanted = Known(JobGraph {
        origin: GraphOrigin::Probe {
            home: "/srv/flink-1.20.5".into(),
            version: "1.20.5".parse().expect("a version"),
            java: 17,
            offline: true,
        },
        extent: GraphExtent::All,
        operators,
    });
}

pub(crate) fn by_uid(id: &str) -> GraphOperator {
    GraphOperator {
        id_from: IdFrom::Uid,
        ..operator_of_graph(id)
    }
}

pub(crate) fn by_place(id: &str, name: &str) -> GraphOperator {
    GraphOperator {
        id_from: IdFrom::Place,
        name: Some(name.into()),
        ..operator_of_graph(id)
    }
}

/// The counter has no uid, and nobody says that it has.
pub(crate) fn nameless(world: &mut World) {
    counter(world).declared.clear();
    world.declared().uids.truncate(1);
    let graphs = world.facts.graphs.get_mut("orders").expect("looked at");
    let declared = graphs.declared.as_mut().expect("declared");
    declared.operators.truncate(1);
}

pub(crate) fn changed(world: &mut World) {
    world.declared().target.args = vec!["--new".into()];
}

pub(crate) fn as_restore_point(world: &mut World) {
    world.looked().told_by = SnapshotTold::Person;
}

pub(crate) fn another(place: &str, of_snapshot: Option<&str>) -> (String, OutsideFiles) {
    let files = OutsideFiles {
        files: 3,
        bytes: 4_200_000,
        of_snapshot: of_snapshot.map(str::to_owned),
    };
    (place.to_owned(), files)
}
