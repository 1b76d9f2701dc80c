//! Nodes of trees, in one list.

use super::{floats, indices};
use crate::ops::Node;
use crate::ops::floats::{Real, reals};
use std::collections::BTreeMap;
use tract_onnx::tract_hir::internal::*;

/// Trees, whose children come after their parents.
#[derive(Debug)]
pub(super) struct Trees {
    roots: Vec<usize>,
    nodes: Vec<Branch>,
    leaves: Vec<Vec<(usize, f64)>>,
    /// Features that are looked at are below this one.
    features: usize,
    /// Whether results have the type of the input.
    pub(super) typed: bool,
    /// Whether numbers are stored as double floats.
    doubles: bool,
}

/// Where a node leads to.
#[derive(Clone, Copy, Debug)]
enum Next {
    Node(usize),
    Leaf(usize),
}

#[derive(Debug)]
struct Branch {
    feature: usize,
    test: Test,
    value: f64,
    /// What a NaN does.
    missing: bool,
    yes: Next,
    no: Next,
}

#[derive(Clone, Debug)]
enum Test {
    LessOrEqual,
    Less,
    GreaterOrEqual,
    Greater,
    Equal,
    NotEqual,
    Member(Vec<f64>),
}

impl Test {
    fn named(name: &str) -> TractResult<Option<Self>> {
        Ok(Some(match name {
            "BRANCH_LEQ" => Self::LessOrEqual,
            "BRANCH_LT" => Self::Less,
            "BRANCH_GTE" => Self::GreaterOrEqual,
            "BRANCH_GT" => Self::Greater,
            "BRANCH_EQ" => Self::Equal,
            "BRANCH_NEQ" => Self::NotEqual,
            "LEAF" => return Ok(None),
            other => bail!("attribute 'nodes_modes' has '{other}', which is unknown"),
        }))
    }

    fn holds<T: Real>(&self, feature: T, value: T) -> bool {
        match self {
            Self::LessOrEqual => feature <= value,
            Self::Less => feature < value,
            Self::GreaterOrEqual => feature >= value,
            Self::Greater => feature > value,
            Self::Equal => feature == value,
            Self::NotEqual => feature != value,
            Self::Member(values) => values.iter().any(|value| feature == T::of_f64(*value)),
        }
    }
}

/// A list of as many elements as there are nodes.
fn same<T>(name: &str, list: Vec<T>, count: usize) -> TractResult<Vec<T>> {
    let got = list.len();
    ensure!(
        got == count,
        "attribute '{name}' has {got} elements, expected {count}"
    );
    Ok(list)
}

impl Trees {
    /// Those of versions before 5: nodes have a number in their tree, and weights belong to such.
    pub(super) fn of(node: &Node<'_>, weights: &str, targets: usize) -> TractResult<Self> {
        let trees = node.ints("nodes_treeids").to_vec();
        let count = trees.len();
        let names = same("nodes_nodeids", node.ints("nodes_nodeids").to_vec(), count)?;
        let features = same(
            "nodes_featureids",
            indices(node, "nodes_featureids")?,
            count,
        )?;
        let values = same("nodes_values", floats(node, "nodes_values")?, count)?;
        let modes = same("nodes_modes", node.strings("nodes_modes")?, count)?;
        let yes = same(
            "nodes_truenodeids",
            node.ints("nodes_truenodeids").to_vec(),
            count,
        )?;
        let no = same(
            "nodes_falsenodeids",
            node.ints("nodes_falsenodeids").to_vec(),
            count,
        )?;
        let mut missing = node.ints("nodes_missing_value_tracks_true").to_vec();
        if missing.is_empty() {
            missing = vec![0; count];
        }
        let missing = same("nodes_missing_value_tracks_true", missing, count)?;
        let mut places: BTreeMap<(i64, i64), usize> = BTreeMap::new();
        let mut roots = Vec::new();
        let mut known = std::collections::BTreeSet::new();
        for (index, (tree, name)) in trees.iter().zip(&names).enumerate() {
            if known.insert(*tree) {
                roots.push(index);
            }
            let before = places.insert((*tree, *name), index);
            ensure!(before.is_none(), "tree {tree} has node {name} twice");
        }
        let mut leaves = vec![vec![]; count];
        let ids = indices(node, &format!("{weights}_ids"))?;
        let of_trees = node.ints(&format!("{weights}_treeids")).to_vec();
        let of_nodes = node.ints(&format!("{weights}_nodeids")).to_vec();
        let amounts = floats(node, &format!("{weights}_weights"))?;
        let entries = ids.len();
        let of_trees = same(&format!("{weights}_treeids"), of_trees, entries)?;
        let of_nodes = same(&format!("{weights}_nodeids"), of_nodes, entries)?;
        let amounts = same(&format!("{weights}_weights"), amounts, entries)?;
        for (((id, tree), name), amount) in ids.into_iter().zip(of_trees).zip(of_nodes).zip(amounts)
        {
            ensure!(
                id < targets,
                "a weight is of {id}, expected less than {targets}"
            );
            let place = places.get(&(tree, name));
            let place =
                place.with_context(|| format!("a weight is of node {name} of tree {tree}"))?;
            leaves[*place].push((id, amount));
        }
        let mut nodes = Vec::with_capacity(count);
        for index in 0..count {
            let test = Test::named(modes[index])?;
            let child = |name: i64| -> TractResult<Next> {
                let found = places.get(&(trees[index], name));
                let place = found.with_context(|| {
                    format!(
                        "tree {} leads to node {name}, which it does not have",
                        trees[index]
                    )
                })?;
                Ok(if modes[*place] == "LEAF" {
                    Next::Leaf(*place)
                } else {
                    Next::Node(*place)
                })
            };
            let leaf = test.is_none();
            nodes.push(Branch {
                feature: if leaf { 0 } else { features[index] },
                test: test.unwrap_or(Test::Equal),
                value: values[index],
                missing: missing[index] != 0,
                yes: if leaf {
                    Next::Leaf(index)
                } else {
                    child(yes[index])?
                },
                no: if leaf {
                    Next::Leaf(index)
                } else {
                    child(no[index])?
                },
            });
        }
        let doubles = node.has("nodes_values_as_tensor");
        Self::checked(roots, nodes, leaves, [false, doubles])
    }

    /// Those of version 5: nodes are numbered through, and leaves apart.
    pub(super) fn of_roots(node: &Node<'_>, targets: usize) -> TractResult<Self> {
        let number = |name: &str| -> TractResult<Vec<f64>> {
            let tensor = node.tensor(name)?;
            reals(&tensor.with_context(|| format!("lacks the attribute '{name}'"))?)
        };
        let features = indices(node, "nodes_featureids")?;
        let count = features.len();
        let values = same("nodes_splits", number("nodes_splits")?, count)?;
        let modes = same("nodes_modes", number("nodes_modes")?, count)?;
        let yes = same(
            "nodes_truenodeids",
            indices(node, "nodes_truenodeids")?,
            count,
        )?;
        let no = same(
            "nodes_falsenodeids",
            indices(node, "nodes_falsenodeids")?,
            count,
        )?;
        let list = |name: &str| -> TractResult<Vec<i64>> {
            let given = node.ints(name).to_vec();
            same(
                name,
                if given.is_empty() {
                    vec![0; count]
                } else {
                    given
                },
                count,
            )
        };
        let (yes_leaf, no_leaf) = (list("nodes_trueleafs")?, list("nodes_falseleafs")?);
        let missing = list("nodes_missing_value_tracks_true")?;
        let ids = indices(node, "leaf_targetids")?;
        let weights = same("leaf_weights", number("leaf_weights")?, ids.len())?;
        let mut members = match node.tensor("membership_values")? {
            Some(tensor) => reals::<f64>(&tensor)?,
            None => vec![],
        }
        .into_iter();
        let next = |place: usize, leaf: i64| -> TractResult<Next> {
            let (most, next) = if leaf == 0 {
                (count, Next::Node(place))
            } else {
                (ids.len(), Next::Leaf(place))
            };
            ensure!(place < most, "a node leads to {place}, which is not there");
            Ok(next)
        };
        let mut nodes = Vec::with_capacity(count);
        for index in 0..count {
            let test = match modes[index] {
                0.0 => Test::LessOrEqual,
                1.0 => Test::Less,
                2.0 => Test::GreaterOrEqual,
                3.0 => Test::Greater,
                4.0 => Test::Equal,
                5.0 => Test::NotEqual,
                6.0 => Test::Member(
                    members
                        .by_ref()
                        .take_while(|value| !value.is_nan())
                        .collect(),
                ),
                other => bail!("attribute 'nodes_modes' has {other}, expected 0 to 6"),
            };
            nodes.push(Branch {
                feature: features[index],
                test,
                value: values[index],
                missing: missing[index] != 0,
                yes: next(yes[index], yes_leaf[index])?,
                no: next(no[index], no_leaf[index])?,
            });
        }
        let leaves = ids.into_iter().zip(weights).map(|(id, weight)| {
            ensure!(
                id < targets,
                "a weight is of {id}, expected less than {targets}"
            );
            Ok(vec![(id, weight)])
        });
        let leaves = leaves.collect::<TractResult<_>>()?;
        let splits = node.tensor("nodes_splits")?;
        let doubles = splits.is_some_and(|splits| splits.datum_type() == DatumType::F64);
        let roots = indices(node, "tree_roots")?;
        Self::checked(roots, nodes, leaves, [true, doubles])
    }

    /// Walks must end: no node may be reached from itself.
    fn checked(
        roots: Vec<usize>,
        nodes: Vec<Branch>,
        leaves: Vec<Vec<(usize, f64)>>,
        [typed, doubles]: [bool; 2],
    ) -> TractResult<Self> {
        let mut parents = vec![0_u32; nodes.len()];
        for branch in &nodes {
            for next in [branch.yes, branch.no] {
                if let Next::Node(child) = next {
                    parents[child] += 1;
                }
            }
        }
        let mut free: Vec<usize> = (0..nodes.len())
            .filter(|node| parents[*node] == 0)
            .collect();
        let mut seen = 0;
        while let Some(node) = free.pop() {
            seen += 1;
            for next in [nodes[node].yes, nodes[node].no] {
                if let Next::Node(child) = next {
                    parents[child] -= 1;
                    if parents[child] == 0 {
                        free.push(child);
                    }
                }
            }
        }
        ensure!(!roots.is_empty(), "has no trees");
        ensure!(seen == nodes.len(), "a tree leads back to one of its nodes");
        ensure!(
            roots.iter().all(|root| *root < nodes.len()),
            "a tree's root is not there"
        );
        let features = nodes
            .iter()
            .map(|branch| branch.feature + 1)
            .max()
            .unwrap_or(0);
        Ok(Self {
            roots,
            nodes,
            leaves,
            features,
            typed,
            doubles,
        })
    }

    pub(super) fn count(&self) -> usize {
        self.roots.len()
    }

    /// That there are enough features, of the type that the numbers are stored in.
    pub(super) fn check(&self, columns: usize, datum: DatumType) -> TractResult<()> {
        ensure!(
            self.doubles == (datum == DatumType::F64),
            "is given {datum:?}, but its numbers are stored with another precision"
        );
        let features = self.features;
        ensure!(
            features <= columns,
            "looks at {features} features of {columns}"
        );
        Ok(())
    }

    /// Weights of the leaves that a row leads to, tree by tree.
    fn walk<T: Real>(&self, features: &[T]) -> impl Iterator<Item = (usize, T)> {
        self.roots.iter().flat_map(move |root| {
            let mut at = Next::Node(*root);
            let leaf = loop {
                let branch = match at {
                    Next::Leaf(leaf) => break leaf,
                    Next::Node(node) => &self.nodes[node],
                };
                let feature = features.get(branch.feature).copied().unwrap_or(T::ZERO);
                let missing = branch.missing && feature.is_no_number();
                let holds = missing || branch.test.holds(feature, T::of_f64(branch.value));
                at = if holds { branch.yes } else { branch.no };
            };
            let weights = self.leaves[leaf].iter();
            weights.map(|(target, weight)| (*target, T::of_f64(*weight)))
        })
    }

    /// Sum of each target's weights, where it has any.
    pub(super) fn sums<T: Real>(&self, features: &[T], targets: usize) -> Vec<Option<T>> {
        let mut sums = vec![None; targets];
        for (target, weight) in self.walk(features) {
            sums[target] = Some(sums[target].unwrap_or(T::ZERO) + weight);
        }
        sums
    }

    /// The weight of each target that is better than all others; zero if it has none.
    pub(super) fn extremes<T: Real>(
        &self,
        features: &[T],
        targets: usize,
        better: fn(T, T) -> bool,
    ) -> Vec<T> {
        let mut best = vec![None; targets];
        for (target, weight) in self.walk(features) {
            match best[target] {
                Some(old) if !better(weight, old) => {}
                _ => best[target] = Some(weight),
            }
        }
        best.into_iter()
            .map(|best| best.unwrap_or(T::ZERO))
            .collect()
    }
}
