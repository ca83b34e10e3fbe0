using System.Reflection;
using System.Runtime.InteropServices;
using MlOps.Edge.Agent.Inference;
using MlOps.Edge.Agent.Link;
using MlOps.Edge.Agent.Models;
using MlOps.Edge.Contracts.Documents;

namespace MlOps.Edge.Agent;

/// <summary>Puts the device's state together for the reported document.</summary>
internal sealed class AgentReport(AgentIdentity identity, FrameLine line, ModelSlots slots, BlobFetcher blobs, TrustedKeys keys, Outbox.Outbox outbox) : IReportContent
{
    private static readonly AgentInfo Agent = new(
        typeof(AgentReport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0",
        RuntimeInformation.FrameworkDescription, RuntimeInformation.RuntimeIdentifier);

    public ReportedDocument Describe()
    {
        var (state, status) = (slots.State, line.Status);
        return new()
        {
            Session = "",
            Sequence = 0,
            Agent = Agent,
            Group = identity.Group,
            TelemetryOnly = identity.TelemetryOnly,
            Assets = status.Assets,
            DesiredEpoch = state.Desired?.Epoch ?? 0,
            Active = state.Active?.ToReport(),
            Previous = state.Previous?.ToReport(),
            Shadow = state.Shadow?.ToReport(),
            Deployments = [.. new[] { slots.Deployment(SlotRole.Active), slots.Deployment(SlotRole.Shadow) }.OfType<ReportedDeployment>().OrderByDescending(d => d.Epoch)],
            MissingBlobs = blobs.Missing,
            Outbox = outbox.Info,
            SensorFaults = status.Faults,
            Waiting = slots.Trouble ?? (state.Desired?.Active is not null ? keys.Lacking : null),
        };
    }
}
