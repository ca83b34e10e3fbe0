namespace MlOps.Edge.Cloud.Telemetry;

/// <summary>A batch that can never be stored. The message says why.</summary>
/// <param name="code">One of <see cref="Contracts.Documents.RefusalCode"/>.</param>
/// <param name="message">In plain words.</param>
internal sealed class RejectedBatchException(string code, string message) : Exception(message)
{
    public string Code { get; } = code;
}
