namespace MlOps.Edge.Cloud.Training;

/// <param name="Detail">What is going on, in plain words with figures.</param>
internal sealed record TrainingProgress(TrainingPhase Phase, string Detail);

/// <summary>The steps of a training run, in order.</summary>
internal enum TrainingPhase { Prepare, Train, Calibrate, Evaluate, Validate, Done }
