using MlOps.Edge.Contracts.Documents;

namespace MlOps.Edge.Agent.Inference;

/// <summary>Learns how live models do. Called on the pipeline's turn; returns at once.</summary>
internal interface IPredictionWatch
{
    void Predicted(SlotRole role, OnnxModel model);

    /// <param name="reason">In plain words.</param>
    void Faulted(SlotRole role, OnnxModel model, string reason);
}
