using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using MlOps.Edge.Cloud.Training;
using MlOps.Edge.Cloud.Training.Trainers;
using MlOps.Edge.Cloud.Training.Trainers.ManagedGbdt;

namespace MlOps.Edge.Cloud.Tests.Training.Trainers;

public sealed class TrainerCatalogTests
{
    [Fact]
    public void A_misspelt_trainer_is_an_error_that_lists_the_choices()
    {
        using ServiceProvider provider = new ServiceCollection()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection([new("Training:Trainer", "lihgtgbm")]).Build()).AddTraining()
            .BuildServiceProvider();

        var error = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IOptions<TrainingOptions>>().Value);

        Assert.Contains("'lihgtgbm'", error.Message, StringComparison.Ordinal);
        Assert.Contains("lightgbm, managed-gbdt", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_number_out_of_range_is_an_error_that_names_it()
    {
        using ServiceProvider provider = new ServiceCollection()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection([new("Training:Boosting:Trees", "0")]).Build()).AddTraining()
            .BuildServiceProvider();

        var error = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IOptions<TrainingOptions>>().Value);

        Assert.Contains("Trees", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_the_wanted_trainer_does_not_run_the_fallback_does_and_one_line_says_why()
    {
        var lines = new Lines();
        var catalog = new TrainerCatalog([new Absent(), new ManagedGbdtTrainer()], Options.Create(new TrainingOptions { Trainer = "absent" }), lines);

        Assert.Equal("managed-gbdt", catalog.Choose().Name);
        Assert.Equal(["managed-gbdt trains instead of absent: it is not here"], lines.Written);
    }

    [Fact]
    public void Where_none_runs_the_error_says_why_of_each()
    {
        var catalog = new TrainerCatalog(
            [new Absent()], Options.Create(new TrainingOptions { Trainer = "absent", Fallback = "absent" }), NullLogger<TrainerCatalog>.Instance);

        Assert.Contains("it is not here", Assert.Throws<TrainingException>(() => catalog.Choose()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_order_for_an_unknown_trainer_lists_the_choices()
    {
        var catalog = new TrainerCatalog(
            [new Absent(), new ManagedGbdtTrainer()], Options.Create(new TrainingOptions()), NullLogger<TrainerCatalog>.Instance);

        var error = Assert.Throws<TrainingException>(() => catalog.Choose("forest"));

        Assert.Equal("no trainer is called 'forest'; known trainers are absent, managed-gbdt", error.Message);
    }

    private sealed class Absent : ITrainer
    {
        public string Name => "absent";

        public string Version => "1";

        public string? Unavailable => "it is not here";

        public ITrainedTrees Train(FeatureTable table, BoostingOptions options, int seed, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("an absent trainer was asked to train");
    }

    private sealed class Lines : ILogger<TrainerCatalog>
    {
        public List<string> Written { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Written.Add(formatter(state, exception));
    }
}
