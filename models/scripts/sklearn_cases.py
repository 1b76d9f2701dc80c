"""Estimators of scikit-learn on the data that it brings along, exported by skl2onnx as it does by default.

What they are expected to answer is what scikit-learn says of rows that they were not fitted to: labels and probabilities, or
the prediction, or the transformed rows.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import common
import onnx_cases

import numpy as np
import onnx
import onnxruntime
from skl2onnx import to_onnx
from sklearn import (
    cluster,
    datasets,
    decomposition,
    discriminant_analysis,
    ensemble,
    gaussian_process,
    impute,
    linear_model,
    naive_bayes,
    neighbors,
    neural_network,
    pipeline,
    preprocessing,
    svm,
    tree,
)

GROUP = "scikit-learn"
ROWS = 30
TOLERANCE = 1e-5
OPSETS = {"": 21, "ai.onnx.ml": 3}

Data = tuple[common.Array, common.Array]


def bundled(name: str) -> Data:
    """A data set: features as single floats, and targets."""
    features, targets = getattr(datasets, f"load_{name}")(return_X_y=True)
    return features.astype(np.float32), targets


def two_classes(name: str = "breast_cancer") -> Data:
    """One with two classes, each column between 0 and 1."""
    features, targets = bundled(name)
    scaled = preprocessing.MinMaxScaler().fit_transform(features)
    return scaled.astype(np.float32), targets


def holes() -> Data:
    """Flowers of which measurements are missing."""
    features, targets = bundled("iris")
    features = features.copy()
    features[::7, 1] = np.nan
    features[3::11, 2] = np.nan
    return features, targets


def numbers() -> Data:
    """Whole numbers from 0 to 3 in each column."""
    features, targets = bundled("iris")
    return np.clip(features.astype(np.int64) % 4, 0, 3), targets


def iris() -> Data:
    """Three flowers, measured."""
    return bundled("iris")


def wine() -> Data:
    """Three wines, each column between 0 and 1."""
    return two_classes("wine")


def digits() -> Data:
    """Ten digits of 64 pixels."""
    return bundled("digits")


def diabetes() -> Data:
    """A number to predict."""
    return bundled("diabetes")


SEED = {"random_state": 0}

ESTIMATORS: dict[str, tuple[Callable[[], Any], Callable[[], Data]]] = {
    "logistic_regression": (lambda: linear_model.LogisticRegression(max_iter=1000), iris),
    "logistic_regression_binary": (lambda: linear_model.LogisticRegression(max_iter=1000), two_classes),
    "sgd_classifier": (lambda: linear_model.SGDClassifier(loss="log_loss", **SEED), wine),
    "ridge_classifier": (linear_model.RidgeClassifier, wine),
    "perceptron": (lambda: linear_model.Perceptron(**SEED), wine),
    "linear_svc": (lambda: svm.LinearSVC(**SEED), two_classes),
    "svc": (svm.SVC, wine),
    "svc_binary": (svm.SVC, two_classes),
    "svc_probability": (lambda: svm.SVC(probability=True, **SEED), wine),
    "svc_polynomial": (lambda: svm.SVC(kernel="poly", probability=True, **SEED), two_classes),
    "nu_svc": (svm.NuSVC, wine),
    "gaussian_naive_bayes": (naive_bayes.GaussianNB, iris),
    "multinomial_naive_bayes": (naive_bayes.MultinomialNB, wine),
    "bernoulli_naive_bayes": (naive_bayes.BernoulliNB, wine),
    "neighbours": (neighbors.KNeighborsClassifier, iris),
    "decision_tree": (lambda: tree.DecisionTreeClassifier(**SEED), digits),
    "random_forest": (lambda: ensemble.RandomForestClassifier(20, **SEED), digits),
    "random_forest_binary": (lambda: ensemble.RandomForestClassifier(21, **SEED), two_classes),
    "extra_trees": (lambda: ensemble.ExtraTreesClassifier(20, **SEED), wine),
    "gradient_boosting": (lambda: ensemble.GradientBoostingClassifier(n_estimators=20, **SEED), iris),
    "gradient_boosting_binary": (lambda: ensemble.GradientBoostingClassifier(n_estimators=20, **SEED), two_classes),
    "histogram_boosting": (lambda: ensemble.HistGradientBoostingClassifier(max_iter=20, **SEED), iris),
    "histogram_boosting_binary": (lambda: ensemble.HistGradientBoostingClassifier(max_iter=20, **SEED), two_classes),
    "histogram_boosting_regressor": (lambda: ensemble.HistGradientBoostingRegressor(max_iter=20, **SEED), diabetes),
    "ada_boost": (lambda: ensemble.AdaBoostClassifier(n_estimators=10, **SEED), wine),
    "bagging": (lambda: ensemble.BaggingClassifier(**SEED), iris),
    "voting": (
        lambda: ensemble.VotingClassifier(
            [("a", linear_model.LogisticRegression(max_iter=1000)), ("b", naive_bayes.GaussianNB())], voting="soft", flatten_transform=False
        ),
        iris,
    ),
    "perceptron_layers": (lambda: neural_network.MLPClassifier((16, 8), max_iter=400, **SEED), wine),
    "linear_discriminants": (discriminant_analysis.LinearDiscriminantAnalysis, iris),
    "quadratic_discriminants": (discriminant_analysis.QuadraticDiscriminantAnalysis, iris),
    "linear_regression": (linear_model.LinearRegression, diabetes),
    "ridge": (linear_model.Ridge, diabetes),
    "lasso": (lambda: linear_model.Lasso(0.1), diabetes),
    "elastic_net": (lambda: linear_model.ElasticNet(0.01), diabetes),
    "svr": (svm.SVR, diabetes),
    "decision_tree_regressor": (lambda: tree.DecisionTreeRegressor(max_depth=6, **SEED), diabetes),
    "random_forest_regressor": (lambda: ensemble.RandomForestRegressor(20, **SEED), diabetes),
    "gradient_boosting_regressor": (lambda: ensemble.GradientBoostingRegressor(n_estimators=20, **SEED), diabetes),
    "neighbours_regressor": (neighbors.KNeighborsRegressor, diabetes),
    "perceptron_layers_regressor": (lambda: neural_network.MLPRegressor(hidden_layer_sizes=(16,), max_iter=400, **SEED), diabetes),
    "gaussian_process": (lambda: gaussian_process.GaussianProcessRegressor(alpha=1.0), diabetes),
    "standard_scaler": (preprocessing.StandardScaler, iris),
    "min_max_scaler": (preprocessing.MinMaxScaler, iris),
    "max_abs_scaler": (preprocessing.MaxAbsScaler, iris),
    "robust_scaler": (preprocessing.RobustScaler, iris),
    "normalizer": (preprocessing.Normalizer, iris),
    "binarizer": (lambda: preprocessing.Binarizer(threshold=2.5), iris),
    "imputer": (impute.SimpleImputer, holes),
    "one_hot_encoder": (lambda: preprocessing.OneHotEncoder(sparse_output=False), numbers),
    "ordinal_encoder": (preprocessing.OrdinalEncoder, numbers),
    "polynomial_features": (preprocessing.PolynomialFeatures, iris),
    "principal_components": (lambda: decomposition.PCA(3), wine),
    "k_means": (lambda: cluster.KMeans(3, n_init=3, **SEED), wine),
    "scaled_regression": (
        lambda: pipeline.make_pipeline(preprocessing.StandardScaler(), linear_model.LogisticRegression()),
        wine,
    ),
    "imputed_forest": (
        lambda: pipeline.make_pipeline(impute.SimpleImputer(), ensemble.RandomForestClassifier(10, **SEED)),
        holes,
    ),
    "components_and_neighbours": (
        lambda: pipeline.make_pipeline(decomposition.PCA(2), neighbors.KNeighborsClassifier(3)),
        iris,
    ),
}
"""Names, and what makes an estimator and its data."""


def plain_numbers(make: Callable[..., Any]) -> Callable[..., Any]:
    """Attributes of plain integers: this exporter hands over numpy's, which this version of onnx does not take."""

    def attribute(key: str, value: Any, *rest: Any, **named: Any) -> Any:
        if isinstance(value, list) and any(isinstance(item, np.integer) for item in value):
            value = [int(item) for item in value]
        return make(key, value, *rest, **named)

    return attribute


def expected(estimator: Any, rows: common.Array, model: onnx.ModelProto) -> list[common.Array]:
    """What scikit-learn answers, in the order and types of the model's outputs."""
    count = len(model.graph.output)
    if hasattr(estimator, "predict"):
        answers = [estimator.predict(rows)]
        if count == 2 and hasattr(estimator, "predict_proba"):
            answers.append(estimator.predict_proba(rows))
        elif count == 2 and hasattr(estimator, "decision_function"):
            scores = estimator.decision_function(rows)
            is_map = model.graph.output[1].type.HasField("sequence_type")
            answers.append(np.stack([-scores, scores], 1) if scores.ndim == 1 and is_map else scores)
        elif count == 2:
            answers.append(estimator.transform(rows))
    else:
        answers = [estimator.transform(rows)]
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    shapes = [np.shape(answer) for answer in session.run(None, {model.graph.input[0].name: rows})]
    # Labels are a list or a column, as the exporter likes; maps are lists of rows.
    shaped = [answer.reshape(shape) if shape != (len(rows),) else answer for answer, shape in zip(answers, shapes, strict=True)]
    return [answer.astype(np.int64 if answer.dtype.kind == "i" else np.float32) for answer in shaped]


def make_case(name: str, make: Callable[[], Any], data: Callable[[], Data]) -> onnx_cases.Case:
    """Fits an estimator to most rows and asks it about the rest."""
    features, targets = data()
    order = np.random.default_rng(0).permutation(len(features))
    features, targets = features[order], targets[order]
    estimator = make()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimator.fit(features[ROWS:], targets[ROWS:])
        model = to_onnx(estimator, features[:1], target_opset=OPSETS)
        outputs = expected(estimator, features[:ROWS], model)
    # The rows of a call have a name, as the guest wants it.
    for value in [*model.graph.input, *model.graph.output]:
        if value.type.HasField("tensor_type") and value.type.tensor_type.shape.dim:
            value.type.tensor_type.shape.dim[0].dim_param = "rows"
    return onnx_cases.Case(name, type(estimator).__name__, model, [features[:ROWS]], outputs, GROUP, TOLERANCE, TOLERANCE, maps=True)


def collect() -> Iterator[onnx_cases.Case]:
    """All of them."""
    onnx.helper.make_attribute = plain_numbers(onnx.helper.make_attribute)
    for name, (make, data) in ESTIMATORS.items():
        yield make_case(f"sklearn_{name}", make, data)
