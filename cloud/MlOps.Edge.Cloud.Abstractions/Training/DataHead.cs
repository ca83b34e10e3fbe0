namespace MlOps.Edge.Cloud.Training;

/// <summary>How far the books had come at a moment: what is stored later is not seen by whoever reads up to here, however early its device time.</summary>
/// <param name="Telemetry">Position of the newest batch; 0: none.</param>
/// <param name="Maintenance">Position of the newest maintenance event; 0: none.</param>
[GenerateSerializer, Immutable, Alias("mlops.data-head")]
public sealed record DataHead([property: Id(0)] long Telemetry, [property: Id(1)] long Maintenance);
