using MlOps.Edge.Cloud.Grains;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Cloud.Training.Trainers;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Cloud.Training.Runs;

/// <summary>The work of one run: snapshot, training and judging on a thread of its own, artifacts.</summary>
internal sealed class TrainingJob(
    IGrainFactory grains, RunSnapshots snapshots, TrainerCatalog trainers, TrainingPipeline pipeline, RunArtifacts artifacts)
{
    /// <param name="tell">Told each step and what is going on in it.</param>
    /// <exception cref="TrainingException">The run cannot be done with what it was given; the message is one line.</exception>
    public async Task<TrainingRunView> RunAsync(string run, TrainingOrder order, Func<string, string, Task> tell, CancellationToken cancellationToken)
    {
        var model = await grains.GetGrain<IModelGrain>(order.Model).GetAsync() ?? throw new TrainingException($"there is no model '{order.Model}'");
        var champion = Champion(model, order);
        var definition = ModelDefinitions.Read(model.Name, model.DefinitionJson);
        var seed = (int)(order.Seed & int.MaxValue);

        var parent = await SnapshotBeforeAsync(order) ?? champion?.Snapshot;
        var snapshot = await snapshots.TakeAsync(run, definition, new(order.Watermark, order.Head), seed, parent is null ? null : Sha256Digest.Parse(parent), cancellationToken);
        await tell("snapshot", $"{snapshot.Content.Units.Count} units, {snapshot.Content.Units.Count(u => u.End == UnitEnd.Failed)} of them with a recorded failure");
        var request = new TrainingRequest
        {
            Definition = definition,
            Units = snapshot.Assigned,
            KnownUnits = snapshot.Split,
            Trainer = trainers.Choose(order.Trainer),
            Seed = seed,
            Champion = champion is null ? null : await artifacts.OnnxAsync(champion, cancellationToken),
        };

        var progress = new RunProgress(tell);
        var (result, reference) = await OwnThread.RunAsync(
            $"training {run}",
            () => (pipeline.Run(request, progress, cancellationToken), DriftBaseline.Build(definition, snapshot.Content, snapshot.Units, order.Since)));
        await progress.CompleteAsync();
        return await artifacts.KeepAsync(new(run, order, definition, snapshot, result, reference), cancellationToken);
    }

    // Of the newest run that took one: a run that was kept out has judged by its held-out units all the same.
    private async Task<string?> SnapshotBeforeAsync(TrainingOrder order)
    {
        for (var before = order.After; before is not null;)
        {
            var view = await grains.GetGrain<ITrainingRunGrain>(before).GetAsync();
            if (view.Snapshot is { } snapshot)
            {
                return snapshot;
            }

            before = view.Order.After;
        }

        return null;
    }

    private static ModelVersionView? Champion(ModelView model, TrainingOrder order) => order.Champion is not { } number
        ? null
        : model.Versions.FirstOrDefault(v => v.Version == number) ?? throw new TrainingException($"model '{model.Name}' has no version {number} to be judged against");
}
