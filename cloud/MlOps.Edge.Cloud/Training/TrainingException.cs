namespace MlOps.Edge.Cloud.Training;

/// <summary>A training run cannot go on because of what it was given; the message is one line that says what and why.</summary>
internal sealed class TrainingException(string message) : Exception(message);
