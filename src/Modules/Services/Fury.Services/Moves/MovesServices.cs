using Fury.LittleMonster;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.Services.Moves;

internal static class MovesServices
{
    public static void AddMoves(this IServiceCollection services, IConfiguration settings)
    {
        services.AddSingleton(MoveSettings.Read(settings));
        services.AddSingleton<MoveStore>();
        services.AddSingleton<MoveGate>();
        services.AddSingleton<MoveRunner>();
        services.AddSingleton<MoveDesk>();
        services.AddSaga<MoveData>();
    }
}
