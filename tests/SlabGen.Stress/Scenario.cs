namespace SlabGen.Stress;

/// <summary>
/// One way to use the runtime, for the length of a round. It runs on a thread of its own and starts workers by its crew. When the round is over it
/// ends them, frees and destroys all that it made, and checks that nothing is left. What it throws is a failure of the run.
/// </summary>
/// <remarks>
/// A call of the runtime may throw what <see cref="Planned"/> says of its kind, and nothing else. In the runtime of the round, which scenarios
/// share, any allocation may fail; a scenario that does what is wrong on purpose makes a runtime of its own.
/// </remarks>
internal abstract class Scenario
{
    /// <summary>As the command line names it.</summary>
    public abstract string Name { get; }

    public abstract void Run(Crew crew);
}
