using System.CommandLine;
using MlOps.Edge.Cli.Cloud;
using MlOps.Edge.Cli.Output;
using MlOps.Edge.Cli.Usage;

namespace MlOps.Edge.Cli.Commands;

internal static class ModelTrain
{
    public static Command Create(MlOpsCli cli)
    {
        var name = new Argument<string>("model") { Description = "The model's name." };
        var seed = new Option<long>("--seed") { Description = "Seeds every training run of this model.", HelpName = "number", DefaultValueFactory = _ => 1 };
        var trainer = new Option<string?>("--trainer") { Description = "A trainer's name. Default: the cloud's.", HelpName = "name" };
        var cohort = new Option<int>("--cohort") { Description = "Failures after a drift verdict that a retraining waits for; 0: the cloud's default.", HelpName = "count" };
        var time = Options.Duration("--training-time", "Device time that a training is declared to take; 0s: as soon as it is done.", TimeSpan.Zero);
        var verb = new Verb(
            "train", "Take a model into the loop: its first version is trained from what is labelled so far",
            "mlops model train turbofan-rul", "mlops model train turbofan-rul --seed 7 --cohort 20")
        {
            name, seed, trainer, cohort, time,
        };
        verb.SetAction((parsed, cancellationToken) =>
        {
            var order = new TrainOrder(parsed.GetValue(seed), parsed.GetValue(time).ToString("c"), parsed.GetValue(trainer), parsed.GetValue(cohort));
            return cli.ShowAsync(
                parsed,
                cloud => cloud.PostAsync(Route.To($"models/{parsed.GetRequiredValue(name)}/lifecycle"), order, CloudJson.Default.TrainOrder, cancellationToken),
                (answer, screen) => Print(answer.As(CloudJson.Default.LifecycleDocument), order, screen));
        });
        return verb;
    }

    private static void Print(LifecycleDocument lifecycle, TrainOrder asked, Screen screen)
    {
        screen.Facts(("model", lifecycle.Model), ("state", lifecycle.State), ("reason", lifecycle.Reason), ("run", lifecycle.Run), ("rollout", lifecycle.Rollout));
        if (lifecycle.Order is { } order && order != asked)
        {
            screen.Next($"It was in the loop already, and how it is run stays: seed {order.Seed}, cohort {(order.Cohort == 0 ? "the cloud's" : Show.Count(order.Cohort))}, trainer {order.Trainer ?? "the cloud's"}, training time {order.TrainingTime}.");
        }

        screen.Next($"'mlops model history {lifecycle.Model}' tells what happens.");
    }
}
