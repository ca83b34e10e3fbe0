using MlOps.Edge.Contracts.Documents;

namespace MlOps.Edge.Agent.Models;

/// <summary>A model does not get into its slot. The message is the reason that the cloud is told.</summary>
/// <param name="state">Rejected before it ran, or failed to come or to prove itself.</param>
internal sealed class ModelRefusedException(DeploymentState state, string reason, Exception? cause = null) : Exception(reason, cause)
{
    public DeploymentState State => state;

    public static ModelRefusedException Rejected(string reason) => new(DeploymentState.Rejected, reason);

    public static ModelRefusedException Failed(string reason, Exception? cause = null) => new(DeploymentState.Failed, reason, cause);
}
