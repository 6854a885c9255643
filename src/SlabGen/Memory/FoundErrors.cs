using System.Runtime.ExceptionServices;

namespace SlabGen.Memory;

/// <summary>
/// The errors that one call found while it went on with its work, in order. The call ends by throwing or keeping them.
/// </summary>
/// <remarks>
/// At most <see cref="PendingErrors.Most"/> are kept, as in <see cref="PendingErrors"/>, and the others are counted:
/// each of thousands of destructors may throw.
/// </remarks>
internal struct FoundErrors
{
    private List<Exception>? _errors;
    private long _lost; // beyond the most that are kept

    public readonly bool Any => _errors is not null;

    /// <summary>Adds an error. Null is ignored, and so is an error that says the same as another.</summary>
    public void Add(Exception? error)
    {
        if (error is not null && _errors?.Exists(other => PendingErrors.SaySame(other, error)) != true)
        {
            _errors ??= [];
            if (_errors.Count < PendingErrors.Most)
            {
                _errors.Add(error);
            }
            else
            {
                _lost++;
            }
        }
    }

    /// <summary>Moves all pending errors here.</summary>
    public void AddAll(PendingErrors pending)
    {
        while (pending.Take() is { } error)
        {
            Add(error);
        }
    }

    /// <summary>Adds what another call found.</summary>
    public void AddAll(FoundErrors other)
    {
        foreach (Exception error in other._errors ?? []) // not ForEach: its delegate would add to a copy of this
        {
            Add(error);
        }

        _lost += other._lost;
    }

    /// <summary>The errors that are kept, in order.</summary>
    public readonly Exception[] ToArray() => _errors is null ? [] : [.. _errors];

    /// <summary>For a place where no caller can be told: keeps the errors for later calls.</summary>
    public readonly void Keep(PendingErrors later)
    {
        _errors?.ForEach(later.Add);
        later.AddLost(_lost);
    }

    /// <summary>
    /// For a call that others will follow: throws the first error, and keeps the others for later calls.
    /// </summary>
    public readonly void ThrowFirst(PendingErrors later)
    {
        if (_errors is not null)
        {
            _errors.Skip(1).ToList().ForEach(later.Add);
            later.AddLost(_lost);
            (_errors[0] as ITelling)?.Tell(later);
            ExceptionDispatchInfo.Throw(_errors[0]);
        }
    }

    /// <summary>For the last call: one error as it is, several in one exception.</summary>
    public readonly Exception? ToException() => _errors switch
    {
        null => null,
        [Exception only] => only,
        _ => new AggregateException(
            $"{_errors.Count + _lost} errors were found; everything was done all the same.{(_lost == 0 ? "" : $" Only the first {_errors.Count} are kept.")}", _errors),
    };

    /// <summary>For the last call: throws one error as it is, several in one exception.</summary>
    public readonly void ThrowAll()
    {
        if (ToException() is { } error)
        {
            _errors!.ForEach(static one => (one as ITelling)?.Tell(later: null));
            ExceptionDispatchInfo.Throw(error);
        }
    }
}
