namespace SlabGen.Stress;

/// <summary>What a worker did last. Written by the worker alone before each step, read by the watchdog and by who reports a failure.</summary>
internal sealed class Journal(string worker)
{
    private long _steps;
    private string _step = "begins";
    private string _subject = "";
    private nint _address;

    public string Worker => worker;

    /// <summary>Grows with each step.</summary>
    public long Steps => Volatile.Read(ref _steps);

    /// <summary>The watchdog's: how many steps it saw last, and when they were fewer.</summary>
    public (long Steps, long Since) Seen { get; set; } = (-1, 0);

    public void Note(string step, string subject = "", nint address = 0)
    {
        _step = step;
        _subject = subject;
        _address = address;
        Volatile.Write(ref _steps, _steps + 1);
    }

    public override string ToString() => $"{worker}: step {Steps}, {_step} {_subject} {(_address == 0 ? "" : $"0x{_address:x}")}";
}
