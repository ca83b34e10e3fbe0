using Microsoft.Extensions.Hosting;
using MlOps.Edge.Agent.Inference;
using MlOps.Edge.Agent.Models;

namespace MlOps.Edge.Agent;

/// <summary>Has the process give back what is left over, once after the start and once after each model that came or went. For a process that is one agent.</summary>
internal sealed class MemoryTidying(ModelSlots slots, TimeProvider clock) : BackgroundService
{
    // By then the link is up, and what is said once at the start, or of a new model, is said.
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            var models = slots.Live;
            await Task.Delay(Quiet, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            if (slots.Live == models)
            {
                LeftoverMemory.GiveBack();
                await AnotherAsync(models, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task AnotherAsync((OnnxModel? Active, OnnxModel? Shadow) models, CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = slots.Changed.Next;
            if (slots.Live != models)
            {
                return;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }
}
