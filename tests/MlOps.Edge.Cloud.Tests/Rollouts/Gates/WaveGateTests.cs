using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using MlOps.Edge.Cloud.Rollouts;
using MlOps.Edge.Cloud.Rollouts.Gates;

namespace MlOps.Edge.Cloud.Tests.Rollouts.Gates;

public class WaveGateTests
{
    private static readonly IOptions<RolloutOptions> Defaults = Options.Create(new RolloutOptions());

    [Fact]
    public void Sane_predictions_pass_and_too_few_are_undecided()
    {
        Assert.Equal(GateVerdict.Passed, Health(Said(12)).Verdict);
        Assert.Equal(GateVerdict.Undecided, Health(Said(9)).Verdict);
    }

    [Theory]
    [InlineData(float.NaN, 0, 125, "not finite")]
    [InlineData(130, 100, 140, "outside 0 to 125")]
    [InlineData(-3, -5, 1, "outside 0 to 125")]
    [InlineData(50, 60, 70, "its own interval")]
    public void One_insane_prediction_fails_and_is_named(float rul, float lower, float upper, string says)
    {
        var finding = Health([.. Said(12), new("pump-09", "engine-09#1", 2, 99, default, rul, lower, upper)]);

        Assert.Equal(GateVerdict.Failed, finding.Verdict);
        Assert.Contains("pump-09", finding.Detail, StringComparison.Ordinal);
        Assert.Contains(says, finding.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(60f, nameof(GateVerdict.Failed))]
    [InlineData(125f, nameof(GateVerdict.Passed))]   // a healthy fleet rests at the cap
    public void One_number_for_all_is_a_stuck_model_except_at_the_cap(float rul, string verdict) =>
        Assert.Equal(verdict, Health([.. Said(12).Select(p => p with { Rul = rul, Lower = rul - 10, Upper = rul + 10 })]).Verdict.ToString());

    [Theory]
    [InlineData(0, 0, nameof(GateVerdict.Passed))]
    [InlineData(30, 0, nameof(GateVerdict.Passed))]     // a new version is meant to differ
    [InlineData(70, 0, nameof(GateVerdict.Failed))]     // but not by more than half the cap
    [InlineData(0, 12, nameof(GateVerdict.Failed))]     // jumps up and down by 12
    public void The_champion_is_the_yardstick_on_the_same_windows(double offset, double jump, string verdict)
    {
        var pairs = Enumerable.Range(0, 30).Select(i => new PredictionPair("engine-01#1", i, 100 - i + offset + (i % 2 == 0 ? jump : -jump), 100 - i)).ToList();

        Assert.Equal(verdict, new ChampionComparisonGate(Defaults).Judge(Evidence() with { Pairs = pairs }).Verdict.ToString());
    }

    [Theory]
    [InlineData(-90, 0, nameof(GateVerdict.Passed))]   // it sees the new fault that the champion is blind to
    [InlineData(0, 12, nameof(GateVerdict.Failed))]    // to jump up and down is wrong whatever the fleet does
    public void A_champion_that_the_fleet_has_moved_away_from_is_no_yardstick_for_distance(double offset, double jump, string verdict)
    {
        var pairs = Enumerable.Range(0, 30).Select(i => new PredictionPair("engine-01#1", i, 110 - i + offset + (i % 2 == 0 ? jump : -jump), 110 - i)).ToList();

        var finding = new ChampionComparisonGate(Defaults).Judge(Evidence() with { Pairs = pairs, ChampionOutdated = true });
        Assert.Equal(verdict, finding.Verdict.ToString());
        Assert.Contains("not counted: the fleet has moved away from v1", finding.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_champion_there_is_nothing_to_compare()
    {
        Assert.Equal(GateVerdict.NotCounted, new ChampionComparisonGate(Defaults).Judge(Evidence() with { Champion = null }).Verdict);
        Assert.Equal(GateVerdict.NotCounted, new FieldErrorGate(Defaults).Judge(Evidence() with { Champion = null }).Verdict);
    }

    [Fact]
    public void The_champion_itself_is_compared_with_nothing_and_called_what_it_is()
    {
        var again = Evidence() with { Champion = null, IsChampion = true };
        var findings = new[] { new ChampionComparisonGate(Defaults).Judge(again), new FieldErrorGate(Defaults).Judge(again) };
        Assert.All(findings, finding => Assert.Equal((GateVerdict.NotCounted, "v2 is the champion itself: there is no other version to compare it with"), (finding.Verdict, finding.Detail)));
    }

    [Theory]
    [InlineData(4, 40, nameof(GateVerdict.NotCounted))]   // not enough labels, and so not held against it
    [InlineData(8, 40, nameof(GateVerdict.Failed))]
    [InlineData(8, -20, nameof(GateVerdict.Passed))]
    [InlineData(8, 0, nameof(GateVerdict.Passed))]
    public void Field_error_is_paired_by_unit_and_fails_only_when_clearly_worse(int units, double worse, string verdict)
    {
        // The old version errs by 25 and a little more from unit to unit; the new one by `worse` more.
        List<PredictionPair> pairs = [];
        for (var unit = 0; unit < units; unit++)
        {
            for (var frame = 150; frame < 160; frame++)
            {
                var (truth, noise) = (199 - frame, unit % 3 - 1);
                pairs.Add(new($"engine-{unit:00}#1", frame, truth + 25 + worse + noise * (unit % 2 == 0 ? 1 : -1), truth + 25 + noise));
            }
        }

        var lifetimes = pairs.Select(p => p.Unit).Distinct().ToDictionary(u => u, _ => 200L);
        Assert.Equal(verdict, new FieldErrorGate(Defaults).Judge(Evidence() with { AllPairs = pairs, Lifetimes = lifetimes }).Verdict.ToString());
    }

    [Theory]
    [InlineData(4, 2.132)]
    [InlineData(7, 1.895)]
    [InlineData(30, 1.697)]
    public void The_expansion_of_students_t_agrees_with_the_tables(int freedom, double table) =>
        Assert.Equal(table, FieldErrorGate.StudentQuantile(freedom), tolerance: 0.02);

    [Theory]
    [InlineData("MaxFailedFraction", "1.5", "MaxFailedFraction")]
    [InlineData("SoakIntervals", "0", "SoakIntervals")]
    [InlineData("FirstModelWaves:0", "0.5", "must grow within (0, 1] and end with 1")]
    public void A_wrong_setting_stops_the_host_and_says_which(string key, string value, string says)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new($"{RolloutOptions.Section}:{key}", value)]).Build();
        using var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddRollouts().BuildServiceProvider();

        var error = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IStartupValidator>().Validate());
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    private static GateFinding Health(IReadOnlyList<PredictionSample> said) => new PredictionHealthGate(Defaults).Judge(Evidence() with { Candidate = said });

    private static List<PredictionSample> Said(int count) => [.. Enumerable.Range(0, count).Select(i => new PredictionSample("pump-01", "engine-01#1", 2, i, default, 100 - i, 80 - i, 120 - i))];

    private static WaveEvidence Evidence() => new() { Version = 2, Champion = 1, Cap = 125, Candidate = [], Pairs = [], AllPairs = [], Lifetimes = new Dictionary<string, long>() };
}
